//! A watch over a network that cuts and stalls it.

use std::io;

use bytes::Bytes;
use http::Response;
use http_body_util::BodyExt;
use kunobi_ha_test::ResponseBody;
use tokio::{
    sync::mpsc::{UnboundedSender, unbounded_channel},
    time::sleep,
};

use super::{Answer, Wire, WireBody};
use crate::link::Fate;

impl Wire {
    /// Carries the events of a watch, as long as the network has it.
    pub(super) async fn follow(
        &self,
        opened: Result<Response<ResponseBody>, io::Error>,
        fate: Fate,
    ) -> Option<Answer> {
        let (head, body) = match opened {
            Ok(response) => response.into_parts(),
            Err(error) => return Some(Err(error)),
        };
        let (lines, received) = unbounded_channel();
        tokio::spawn(self.clone().carry(body, lines));
        let response = Response::from_parts(head, WireBody::Lines(received));
        self.bring_back(fate, Ok(response)).await
    }

    async fn carry(
        self,
        mut events: ResponseBody,
        lines: UnboundedSender<Result<Bytes, io::Error>>,
    ) {
        let (cuts, _) = self.link.watch_cuts();
        loop {
            let frame = tokio::select! {
                biased;
                () = lines.closed() => return,
                () = self.link.watch_cut(cuts) => {
                    let (_, gone) = self.link.watch_cuts();
                    let last = if gone { Ok(Bytes::from_static(GONE)) } else { Err(reset()) };
                    let _ = lines.send(last);
                    return;
                }
                frame = events.frame() => frame,
            };
            let Some(Ok(frame)) = frame else { return };
            let Ok(line) = frame.into_data() else { continue };
            sleep(self.link.one_way() / 2).await;
            self.link.open().await;
            if lines.send(Ok(line)).is_err() {
                return;
            }
        }
    }
}

fn reset() -> io::Error {
    io::ErrorKind::ConnectionReset.into()
}

const GONE: &[u8] = br#"{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old resource version","reason":"Expired","code":410}}
"#;
