//! `outloud serve`.

use std::io::{self, Write};
use std::net::SocketAddr;

use outloud::actions;
use outloud::config::{Config, LogFormat};
use outloud::domain::moment::Clock;
use outloud::federation::http::Resolver;
use outloud::server::{self, Running, Setup, Work};
use outloud::telemetry;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Answer, Failure};

/// Runs the server until it is told to stop.
pub async fn run(config: Config) -> Result<Answer, Failure> {
    telemetry::start(&config.log, config.log_format == LogFormat::Json)
        .map_err(|error| Failure::new(error.to_string()))?;
    // Whoever tells the server to stop while it starts is heard, too.
    let mut stop = Stop::listen()?;
    let listener = bind(config.listen).await?;
    let setup = Setup { config, clock: Clock::System, resolver: Resolver::System, listener, work: Work::InBackground };
    let running = Box::pin(server::start(setup)).await?;
    welcome(&running).await?;
    stop.wanted().await;
    tracing::info!("stopping: requests and jobs under way are finished first");
    running.stop().await?;
    tracing::info!("stopped");
    Ok(Answer::new("", Value::Null))
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::new(match error.kind() {
            io::ErrorKind::AddrInUse => {
                format!("Something else listens at {address}: stop it, or change the setting `listen`")
            }
            _ => format!("The server cannot listen at {address}: {error}"),
        })
    })
}

/// Says what to open, once somebody would be let in there.
async fn welcome(running: &Running) -> Result<(), Failure> {
    let app = &running.app;
    let mut text = format!(
        "outloud {} runs at {} and listens at {}\n",
        env!("CARGO_PKG_VERSION"),
        app.urls.base(),
        running.address
    );
    if let Some(token) = actions::setup::begin(app).await? {
        text += &format!("Open this address to set it up: {}\n", app.urls.at(&format!("/setup?token={token}")));
    }
    // A closed terminal is no reason not to serve.
    let _ = io::stdout().write_all(text.as_bytes());
    Ok(())
}

/// Hears when the server is told to stop.
struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    fn listen() -> Result<Self, Failure> {
        let listen = |kind| signal(kind).map_err(|error| Failure::new(format!("Signals cannot be heard: {error}")));
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    async fn wanted(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
