//! Where requests of ours may go, whatever leads there. Cases C01, C02, C06 and C14 of the attack catalogue.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use outloud::domain::handle::Host;
use outloud::error::{Error, RemoteError};
use outloud::federation::http::{Accept, Letter};
use serde_json::{Value, json};
use url::Url;

use super::places::{PLACES, Walled};
use crate::support::{Encounter, Network, Peer};

/// The places are all there are only as long as they are kept up: an address that may be asked shows which are asked.
#[tokio::test]
async fn c01_places_in_which_an_address_is_asked() {
    let walled = Walled::begin().await;
    let far = walled.scene.net.peer_at("far.test", Ipv4Addr::new(127, 0, 0, 2)).await;
    let mut wrong = Vec::new();
    for (number, (place, asked)) in PLACES.into_iter().enumerate() {
        let before = far.requests();
        walled.plant(place, &far.url(&format!("/users/m{number}")), number).await;
        let was_asked = far.requests() > before;
        if was_asked != asked {
            wrong.push(format!("{place}: {was_asked}"));
        }
        walled.scene.net.later(Duration::from_secs(600)).await;
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[tokio::test]
async fn c01_no_place_leads_to_this_machine_however_it_is_written() {
    let walled = Walled::begin().await;
    let net = &walled.scene.net;
    let (trap, trap6) = (net.peer("trap.test").await, net.peer_at("trap6.test", Ipv6Addr::LOCALHOST).await);
    let (port, port6) = (trap.address().port(), trap6.address().port());
    let four = ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "0.0.0.0", "0", "[::ffff:127.0.0.1]"];
    let mut hosts: Vec<String> = four.iter().map(|host| format!("{host}:{port}")).collect();
    hosts.extend(["[::1]", "[::]", "[0:0:0:0:0:0:0:1]"].iter().map(|host| format!("{host}:{port6}")));
    hosts.extend(["trap.test", "TRAP.test.", "trap6.test"].map(str::to_owned));
    let mut number = 0;
    for host in &hosts {
        for (place, _) in PLACES {
            walled.plant(place, &format!("http://{host}/users/m{number}"), number).await;
            let asked = trap.requests() + trap6.requests();
            assert_eq!(asked, 0, "{place} leads to {host}");
            number += 1;
        }
        net.later(Duration::from_secs(600)).await;
    }
}

/// The first and the last of every network of the catalogue, by its address and by a name that has it.
#[tokio::test]
async fn c01_no_network_that_is_not_public_is_asked_by_address_or_by_name() {
    let net = Network::start().await;
    let us = net.node_with("node.test", &[("OUTLOUD__FEDERATION__ALLOW_ADDRESSES", "127.0.0.2/32")]).await;
    let four = [
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.0.0",
        "169.254.169.254",
        "169.254.255.255",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.0",
        "192.0.0.255",
        "192.0.2.0",
        "192.0.2.255",
        "192.88.99.0",
        "192.88.99.255",
        "192.168.0.0",
        "192.168.255.255",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.0",
        "198.51.100.255",
        "203.0.113.0",
        "203.0.113.255",
        "224.0.0.0",
        "239.255.255.255",
        "240.0.0.0",
        "255.255.255.255",
    ];
    let six = [
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::",
        "2001::",
        "2001:0:7f00:1::",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "100::",
        "fc00::1",
        "fdff::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff00::",
        "ff02::1",
        "2001:db8::1",
        "3fff::1",
        "5f00::1",
        "4000::1",
    ];
    let written = ["127.1", "2130706433", "0x7f.1", "0", "0x0a000001", "012.0.0.1", "①②⑦.0.0.1", "127。0。0。1"];
    let addresses = four.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 80));
    let addresses: Vec<_> = addresses.chain(six.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 80))).collect();
    let mut hosts: Vec<String> = written.iter().map(|&host| host.to_owned()).collect();
    for (number, address) in addresses.into_iter().enumerate() {
        hosts.push(address.to_string());
        hosts.push(format!("name{number}.test"));
        net.name(&format!("name{number}.test"), address);
    }
    let signer = us.federation().signer(us.federation().instance_actor).await.unwrap();
    for host in hosts {
        let url = Url::parse(&format!("http://{host}/")).unwrap();
        let got = us.federation().remote.get(&url, Accept::Activity, None, net.clock.now()).await;
        let refused =
            matches!(&got, Err(Error::Remote { source: RemoteError::Refused(what), .. }) if what == "network");
        assert!(refused, "{host}: {got:?}");
        let letter = Letter { body: "{}".into(), synchronization: None };
        let sent = us.federation().remote.post(&url, letter, &signer, net.clock.now()).await;
        let refused = matches!(&sent, Err(Error::Remote { source: RemoteError::Refused(_), .. }));
        assert!(refused, "{host}: {sent:?}");
    }
}

#[tokio::test]
async fn c02_a_name_that_leads_home_later_is_not_followed_there() {
    let walled = Walled::begin().await;
    let (scene, net) = (&walled.scene, &walled.scene.net);
    let trap = net.peer("trap.test").await;
    let fickle = net.peer_at("fickle.test", Ipv4Addr::new(127, 0, 0, 2)).await;
    fickle.hang_up();
    let fay = fickle.actor_with_key("fay", 2).await;
    scene.ann_follows(&fay).await;
    scene.hears(&fay, &fay.activity("Follow", "follow-1", json!(scene.ann.uri()))).await;
    let note = fay.note("1", "still here");
    scene.hears(&fay, &fay.create(note.clone())).await;
    net.name("fickle.test", trap.address());
    scene.us.expects_trouble();
    // Every way in which we would go there again: deliveries, refreshing, keys, threads, looking again, handles.
    scene.ann.post("to my followers").await;
    scene.ann.post("hello @other@fickle.test").await;
    let seen = scene.ann.home().await.into_iter().find(|seen| seen["uri"] == note["id"]).unwrap();
    scene.ann.reply(&seen, "an answer").await;
    scene.ann.act("favourite", &seen).await;
    scene.ann.context(&seen).await;
    walled.ann_searches(&fickle.url("/users/other")).await;
    walled.ann_searches("@other@fickle.test").await;
    net.later(Duration::from_secs(25 * 3600)).await;
    walled.ann_searches(&fay.handle()).await;
    let stranger = fickle.actor_with_key("stranger", 1).await;
    assert_eq!(scene.hears(&stranger, &stranger.create(stranger.note("1", "a new key"))).await, 401);
    let delete = fay.activity("Delete", "delete-1", note["id"].clone());
    scene.hears(&walled.carol, &delete).await;
    assert_eq!(trap.requests(), 0);
}

#[tokio::test]
async fn c06_our_own_server_under_another_name_is_nobody_else() {
    let scene = Encounter::where_ann_follows_alice().await;
    let post = scene.ann.post("only once").await;
    scene.net.name("mirror.test", scene.us.address());
    let mirrored = |address: &str| address.replace("node.test", "mirror.test");
    let uri = post["uri"].as_str().unwrap();
    for text in [mirrored(uri), mirrored(&scene.ann.uri()), mirrored(&scene.us.url("/@ann")), "@ann@mirror.test".into()]
    {
        let query: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let found = scene.ann.get(&format!("/api/v2/search?resolve=true&q={query}")).await.ok();
        let own = |account: &Value| account["uri"] == scene.ann.uri().as_str();
        assert!(found["accounts"].as_array().unwrap().iter().all(own), "{text}: {found}");
        assert_eq!(found["statuses"], json!([]), "{text}");
    }
    // Somebody there would have keys here, inboxes here, posts here; a key fetched from ourselves, asked for by ourselves.
    let mirror = Peer::start("mirror.test", scene.net.clock.clone()).await.actor_with_key("mallory", 1).await;
    for key in [mirrored(&format!("{}#main-key", scene.ann.uri())), mirrored(&scene.ann.uri()), mirror.key_id()] {
        let body = mirror.create(mirror.note("1", "from the mirror")).to_string();
        let inbox = Url::parse(&scene.us.url("/inbox")).unwrap();
        let signer = outloud::federation::signature::Signer::new(key, mirror.key.clone());
        let headers = signer.sign_headers("POST", &inbox, Some(body.as_bytes()), scene.net.clock.now()).unwrap();
        assert_eq!(mirror.deliver_raw(&scene.us, "/inbox", headers, &body).await, 401);
    }
    scene.alice_sends(&scene.alice.boost("boost-1", &mirrored(uri))).await;
    let mut reply = scene.alice.note("1", "answering the mirror");
    reply["inReplyTo"] = json!(mirrored(uri));
    scene.alice_sends(&scene.alice.create(reply)).await;
    let seen = scene.ann.home().await[0].clone();
    scene.ann.context(&seen).await;
    scene.net.settle().await;
    let mirror: Host = "mirror.test".parse().unwrap();
    let known = outloud::views::accounts::by_name(&scene.us.app().db, &"ann".parse().unwrap(), Some(&mirror)).await;
    assert!(known.is_err(), "{known:?}");
    assert_eq!(scene.ann.reads().await, ["answering the mirror", "only once"]);
    assert_eq!(scene.ann.again(&post).await["replies_count"], 0);
}

#[tokio::test]
async fn c14_an_address_with_line_ends_smuggles_nothing() {
    let scene = Encounter::of_strangers().await;
    let smuggle = |sign: &str| scene.good.url(&format!("/inbox{sign}X-Smuggled:%20yes{sign}{sign}POST%20/admin"));
    for (number, sign) in ["\r\n", "\n", "\r", "%0d%0a", "%0a", "\t", "\u{0}", "%00"].iter().enumerate() {
        let actor = scene.good.actor(&format!("m{number}")).await;
        let mut document = actor.document();
        document["inbox"] = json!(smuggle(sign));
        document["endpoints"] = json!({});
        scene.good.serve(&format!("/users/m{number}"), &document);
        let found = scene.ann.find(&actor.handle()).await;
        // Raw signs make it no address at all; written with percent signs they stay in the path.
        assert_eq!(found.is_object(), sign.starts_with('%'), "{sign:?}");
        scene.ann.post(&format!("hello {}", actor.handle())).await;
        scene.net.settle().await;
        let name = actor.name.clone();
        for path in scene.good.paths() {
            let plain = path.bytes().all(|byte| (0x21..0x7f).contains(&byte));
            assert!(plain && path != "/admin", "{name}: {path:?}");
        }
        let smuggled = smuggle(sign).strip_prefix("http://good.test").unwrap().to_owned();
        if let Some(headers) = scene.good.headers_of(&smuggled) {
            assert!(!headers.contains_key("x-smuggled"), "{headers:?}");
        }
    }
}
