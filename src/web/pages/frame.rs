//! What happens around every page: the headers that guard it, and the frame of the server around an error.

use std::sync::{Arc, OnceLock};

use axum::extract::Request;
use axum::http::header::RETRY_AFTER;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::web::pages::answer::{self, Failure};
use crate::web::pages::home::member_csrf;
use crate::web::pages::layout::Layout;
use crate::web::pages::scene::Scene;

/// Where the handler of a page leaves its scene, so that an error is drawn with it too.
#[derive(Clone, Default)]
pub struct Slot(Arc<OnceLock<Scene>>);

impl Slot {
    /// Leaves a scene; the first one stays.
    pub fn fill(&self, scene: &Scene) {
        self.0.get_or_init(|| scene.clone());
    }
}

/// Guards a page, and draws an error in the frame of the server.
pub async fn around(mut request: Request, next: Next) -> Response {
    let slot = Slot::default();
    request.extensions_mut().insert(slot.clone());
    let mut response = next.run(request).await;
    if let Some(failure) = response.extensions_mut().remove::<Failure>()
        && let Some(scene) = slot.0.get()
    {
        response = redraw(&response, &failure, scene);
    }
    answer::guard(response.headers_mut());
    response
}

/// An error in the frame of the server, for requests that have no handler.
pub fn failed(failure: &Failure, scene: &Scene) -> Response {
    let mut response = draw(failure, scene);
    answer::guard(response.headers_mut());
    response
}

fn redraw(bare: &Response, failure: &Failure, scene: &Scene) -> Response {
    let mut response = draw(failure, scene);
    if let Some(wait) = bare.headers().get(RETRY_AFTER) {
        response.headers_mut().insert(RETRY_AFTER, wait.clone());
    }
    response
}

fn draw(failure: &Failure, scene: &Scene) -> Response {
    let csrf = member_csrf(scene);
    let layout = Layout { noindex: true, ..scene.layout(failure.title, None, &csrf) };
    scene.show(layout.page(failure.main())).status(failure.status).into_response()
}
