//! Reads answers off the wire. The client would make a map of strings of every item, in code that is small rather than
//! fast: that takes longer than all the rest of a cold load, or of a page.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use aws_sdk_dynamodb::{
    config::{ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeDeserializationInterceptorContextMut},
    error::BoxError,
};
use aws_smithy_types::body::SdkBody;
use futures_util::stream;
use http_body::{Body, Frame};
use http_body_util::{BodyExt, StreamBody};
use serde::de::DeserializeOwned;

use super::{StoreError, unreadable::Unreadable};

/// What the client is given to read instead of the answer.
const NOTHING: &[u8] = b"{}";
/// Bytes that room is made for at once: an answer of DynamoDB is hardly longer.
const USUAL_MAXIMUM: u64 = 16 << 20;

/// Takes the answer to a request, before the client reads it.
pub(super) struct Capture<T>(Arc<Mutex<Option<T>>>);

impl<T> fmt::Debug for Capture<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Capture")
    }
}

impl<T> Capture<T> {
    pub(super) fn new() -> Self {
        Self(Arc::default())
    }

    /// What holds the answer once there is one.
    pub(super) fn interceptor(&self) -> Self {
        Self(Arc::clone(&self.0))
    }

    /// The last answer, of a request that succeeded.
    pub(super) fn take(&self) -> Result<T, StoreError> {
        let captured = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        captured.ok_or_else(|| StoreError::Unavailable("a success without an answer".into()))
    }
}

impl<T: DeserializeOwned + Send + 'static> Intercept for Capture<T> {
    fn name(&self) -> &'static str {
        "Capture"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response_mut();
        if response.status().is_success() {
            let (body, captured) = (response.take_body(), Arc::clone(&self.0));
            let rest = async move {
                let body = read(body).await?;
                let answer = serde_json::from_slice(&body).map_err(Unreadable::from)?;
                *captured.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
                Ok::<_, BoxError>(Frame::data(NOTHING.into()))
            };
            *response.body_mut() = SdkBody::from_body_1_x(StreamBody::new(stream::once(rest)));
        }
        Ok(())
    }
}

/// All of `body`. Its frames are copied and let go one by one, so that the connection reads into the same memory again.
async fn read(mut body: SdkBody) -> Result<Vec<u8>, BoxError> {
    let length = body.size_hint().lower().min(USUAL_MAXIMUM);
    let mut read = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            read.extend_from_slice(&data);
        }
    }
    Ok(read)
}
