//! Connections of browsers, apps and other servers: taken in, served, and let go in time.
//!
//! Nobody keeps a connection without using it: the first request has to arrive soon, an answer has to begin in time,
//! and who falls silent afterwards is let go. Nobody takes all places either.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::ConnectInfo;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request, Response, StatusCode};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;
use tracing::warn;

use crate::app::attempts::household;

/// How many connections are open at once; more have to wait.
const MOST: usize = 4096;
/// How many of them one household may have, reverse proxies aside.
const MOST_OF_ONE: usize = 256;
/// How long a connection may stay without its first request.
const FIRST_REQUEST: Duration = Duration::from_secs(15);
/// How long it may stay without another one; longer than reverse proxies keep theirs.
const NEXT_REQUEST: Duration = Duration::from_secs(90);
/// How long a request may take until its answer begins, its body included.
const ANSWER: Duration = Duration::from_secs(60);
/// How long requests under way may take when the server stops.
const FAREWELL: Duration = Duration::from_secs(10);
/// The largest head of a request, in bytes.
const LARGEST_HEAD: usize = 64 * 1024;
/// How many requests one connection may have under way, in HTTP/2.
const MOST_STREAMS: u32 = 100;

/// Takes connections in until it is closed.
#[derive(Debug, Clone)]
pub(super) struct Connections {
    tasks: TaskTracker,
    /// No new connections and requests.
    closing: CancellationToken,
    /// No connections at all.
    closed: CancellationToken,
    households: Households,
}

impl Connections {
    /// Begins to answer with `router` who comes to `listener`; through `proxies` many may come.
    pub(super) fn open(listener: TcpListener, router: Router, proxies: Vec<IpNet>) -> Self {
        let connections = Self {
            tasks: TaskTracker::new(),
            closing: CancellationToken::new(),
            closed: CancellationToken::new(),
            households: Households { proxies: proxies.into(), open: Arc::default() },
        };
        connections.tasks.spawn(connections.clone().accept(listener, router));
        connections
    }

    /// Takes nobody in any more, and waits until the requests under way are answered; not for ever.
    pub(super) async fn close(&self) {
        self.closing.cancel();
        self.tasks.close();
        if timeout(FAREWELL, self.tasks.wait()).await.is_err() {
            self.closed.cancel();
            self.tasks.wait().await;
        }
    }

    async fn accept(self, listener: TcpListener, router: Router) {
        let room = Arc::new(Semaphore::new(MOST));
        let builder = builder();
        while let Some((seat, stream, peer)) = self.next(&listener, &room).await {
            // Whoever has too many is not answered at all: an answer would cost what they want to take.
            let Some(place) = self.households.enter(peer.ip()) else { continue };
            let connection = self.clone().serve(builder.clone(), stream, peer, router.clone());
            self.tasks.spawn(async move {
                connection.await;
                drop((seat, place));
            });
        }
    }

    /// The next connection when there is room for it; nothing when the server stops.
    async fn next(
        &self,
        listener: &TcpListener,
        room: &Arc<Semaphore>,
    ) -> Option<(OwnedSemaphorePermit, TcpStream, SocketAddr)> {
        self.closing
            .run_until_cancelled(async {
                let seat = Arc::clone(room).acquire_owned().await.ok()?;
                let (stream, peer) = accept_one(listener).await;
                Some((seat, stream, peer))
            })
            .await?
    }

    async fn serve(self, builder: Builder<TokioExecutor>, stream: TcpStream, peer: SocketAddr, router: Router) {
        // Small answers are sent at once; where that cannot be said, they are merely slower.
        let _ = stream.set_nodelay(true);
        let pulse = Arc::new(Pulse::new());
        let beats = Arc::clone(&pulse);
        let service = service_fn(move |request| answer(router.clone(), peer, Arc::clone(&beats), request));
        let mut connection = pin!(builder.serve_connection_with_upgrades(TokioIo::new(stream), service));
        let mut closing = false;
        loop {
            tokio::select! {
                // How a connection ends is no news: people close browsers.
                _ = connection.as_mut() => return,
                () = self.closing.cancelled(), if !closing => {
                    connection.as_mut().graceful_shutdown();
                    closing = true;
                }
                () = pulse.lost() => return,
                () = self.closed.cancelled() => return,
            }
        }
    }
}

/// Who has how many connections; only those who have one are remembered.
#[derive(Debug, Clone)]
struct Households {
    proxies: Arc<[IpNet]>,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Households {
    /// A place for one more, if there is one.
    fn enter(&self, peer: IpAddr) -> Option<Place> {
        let peer = peer.to_canonical();
        if self.proxies.iter().any(|network| network.contains(&peer)) {
            return Some(Place(None));
        }
        let household = household(peer);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(household).or_default();
        if *count >= MOST_OF_ONE {
            return None;
        }
        *count += 1;
        Some(Place(Some((self.clone(), household))))
    }
}

/// A connection somebody has, counted until it is dropped.
#[derive(Debug)]
struct Place(Option<(Households, IpAddr)>);

impl Drop for Place {
    fn drop(&mut self) {
        let Some((households, household)) = &self.0 else { return };
        let mut open = households.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(household) {
            *count -= 1;
            if *count == 0 {
                open.remove(household);
            }
        }
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(NEXT_REQUEST).max_buf_size(LARGEST_HEAD);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(u32::try_from(LARGEST_HEAD).unwrap_or(u32::MAX))
        .keep_alive_interval(NEXT_REQUEST);
    builder
}

async fn accept_one(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_their_trouble(&error) => {}
            Err(error) => {
                // Most likely this process has no file descriptors left, which passes when connections end.
                warn!("a connection could not be taken in: {error}");
                sleep(Duration::from_millis(200)).await;
            }
        }
    }
}

fn is_their_trouble(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};

    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn answer(
    router: Router,
    peer: SocketAddr,
    pulse: Arc<Pulse>,
    request: Request<Incoming>,
) -> Result<Response<Counted>, Infallible> {
    let turn = Turn::begin(pulse);
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = match timeout(ANSWER, router.oneshot(request)).await {
        Ok(response) => response?,
        Err(_) => too_late(),
    };
    Ok(response.map(|body| Counted { body, _turn: turn }))
}

/// What is left of the request is not waited for.
fn too_late() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::REQUEST_TIMEOUT;
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Whether a connection is used.
#[derive(Debug)]
struct Pulse(Mutex<Beat>);

#[derive(Debug)]
struct Beat {
    under_way: usize,
    patience: Duration,
    quiet_since: Instant,
}

impl Pulse {
    fn new() -> Self {
        Self(Mutex::new(Beat { under_way: 0, patience: FIRST_REQUEST, quiet_since: Instant::now() }))
    }

    /// Waits until nothing has happened for too long.
    async fn lost(&self) {
        while let Some(left) = self.left() {
            sleep(left).await;
        }
    }

    fn left(&self) -> Option<Duration> {
        let beat = self.beat();
        if beat.under_way > 0 {
            return Some(beat.patience);
        }
        beat.patience.checked_sub(beat.quiet_since.elapsed()).filter(|left| !left.is_zero())
    }

    fn beat(&self) -> MutexGuard<'_, Beat> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request under way, until the last byte of its answer is on its way.
#[derive(Debug)]
struct Turn(Arc<Pulse>);

impl Turn {
    fn begin(pulse: Arc<Pulse>) -> Self {
        let mut beat = pulse.beat();
        beat.under_way += 1;
        beat.patience = NEXT_REQUEST;
        drop(beat);
        Self(pulse)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut beat = self.0.beat();
        beat.under_way -= 1;
        beat.quiet_since = Instant::now();
    }
}

/// The body of an answer, which keeps its connection in use.
struct Counted {
    body: Body,
    _turn: Turn,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
