//! How tests begin: who is there, and who follows whom.

use serde_json::{Value, json};

use super::{Network, Node, Peer, PeerActor, User};

/// People of one node without neighbours, which does its work at once, as a quiet server does.
pub async fn community<const N: usize>(names: [&str; N]) -> [User; N] {
    let node = lonely_node().await;
    let mut people = Vec::with_capacity(N);
    for name in names {
        people.push(node.user(name).await);
    }
    people.try_into().unwrap_or_else(|_| unreachable!("one for each name"))
}

/// Ann, who has posted something, and Bob, who follows her, likes the post, boosts it and answers it.
pub async fn attention() -> (User, User, Value) {
    let [ann, bob] = community(["ann", "bob"]).await;
    let post = ann.post("notify me").await;
    bob.follow("ann").await;
    bob.act("favourite", &post).await;
    bob.act("reblog", &post).await;
    bob.reply(&post, "@ann hello").await;
    (ann, bob, post)
}

/// A node without people and neighbours.
pub async fn lonely_node() -> Node {
    let node = Network::start().await.node("node.test").await;
    node.works_at_once();
    node
}

/// Ann of alpha.test and Bob of beta.test.
pub struct Neighbours {
    pub net: Network,
    pub ann: User,
    pub bob: User,
}

impl Neighbours {
    /// They have not heard of each other.
    pub async fn who_are_strangers() -> Self {
        let net = Network::start().await;
        let (alpha, beta) = (net.node("alpha.test").await, net.node("beta.test").await);
        let (ann, bob) = (alpha.user("ann").await, beta.user("bob").await);
        Self { net, ann, bob }
    }

    /// Bob follows Ann.
    pub async fn where_bob_follows_ann() -> Self {
        let neighbours = Self::who_are_strangers().await;
        neighbours.bob.follow(&neighbours.ann.handle()).await;
        neighbours.net.settle().await;
        neighbours
    }

    /// Bob asks to follow Ann, who chooses her followers.
    pub async fn where_bob_asks_to_follow_ann() -> Self {
        let neighbours = Self::who_are_strangers().await;
        neighbours.ann.changes_profile(json!({"locked": true})).await;
        neighbours.bob.follow(&neighbours.ann.handle()).await;
        neighbours.net.settle().await;
        neighbours
    }
}

/// Ann of our node.test and Alice of good.test, a server of other software whose every word is scripted.
pub struct Encounter {
    pub net: Network,
    pub us: Node,
    pub ann: User,
    pub good: Peer,
    pub alice: PeerActor,
}

impl Encounter {
    /// They have not heard of each other.
    pub async fn of_strangers() -> Self {
        Self::with_settings(&[]).await
    }

    /// Our node has more settings in its environment; they have not heard of each other.
    pub async fn with_settings(more: &[(&str, &str)]) -> Self {
        let net = Network::start().await;
        let (us, good) = (net.node_with("node.test", more).await, net.peer("good.test").await);
        let (ann, alice) = (us.user("ann").await, good.actor("alice").await);
        Self { net, us, ann, good, alice }
    }

    /// Ann follows Alice, so that whatever Alice posts is kept.
    pub async fn where_ann_follows_alice() -> Self {
        let encounter = Self::of_strangers().await;
        encounter.ann_follows(&encounter.alice).await;
        encounter
    }

    /// Alice follows Ann, so that whatever Ann posts is delivered.
    pub async fn where_alice_follows_ann() -> Self {
        let encounter = Self::of_strangers().await;
        encounter.alice_does("Follow", "follow-ann", json!(encounter.ann.uri())).await;
        assert_eq!(encounter.good.received_of("Accept").len(), 1);
        encounter
    }

    /// Ann asks to follow somebody, who agrees.
    pub async fn ann_follows(&self, actor: &PeerActor) {
        let follow = self.ann_asks_to_follow(actor).await;
        assert_eq!(self.hears(actor, &actor.activity("Accept", "accept-ann", follow)).await, 202);
    }

    /// Ann asks to follow somebody; what is asked.
    pub async fn ann_asks_to_follow(&self, actor: &PeerActor) -> Value {
        self.ann.follow(&actor.handle()).await;
        self.net.settle().await;
        let asked = actor.peer.received_of("Follow");
        asked.into_iter().rfind(|follow| follow["object"] == actor.id.as_str()).expect("a Follow is delivered")
    }

    /// Our node hears of an activity and does what follows from it; the status of the answer.
    pub async fn hears(&self, actor: &PeerActor, activity: &Value) -> u16 {
        let status = actor.deliver(&self.us, activity).await;
        self.net.settle().await;
        status
    }

    /// Our node takes in an activity of Alice.
    pub async fn alice_sends(&self, activity: &Value) {
        assert_eq!(self.hears(&self.alice, activity).await, 202);
    }

    /// Alice does something to an object.
    pub async fn alice_does(&self, verb: &str, name: &str, object: Value) {
        self.alice_sends(&self.alice.activity(verb, name, object)).await;
    }

    /// Alice posts something public; her note.
    pub async fn alice_posts(&self, name: &str, text: &str) -> Value {
        let note = self.alice.note(name, text);
        self.alice_sends(&self.alice.create(note.clone())).await;
        note
    }
}
