//! Futures that run at once inside of one: a campaign has some dozens at most, so all are polled when one wakes.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

/// Futures that each end in an event.
pub(super) struct Tasks<'a, E>(Vec<Pin<Box<dyn Future<Output = E> + 'a>>>);

impl<E> Default for Tasks<'_, E> {
    fn default() -> Self {
        Tasks(Vec::new())
    }
}

impl<'a, E> Tasks<'a, E> {
    pub(super) fn push(&mut self, task: impl Future<Output = E> + 'a) {
        self.0.push(Box::pin(task));
    }

    /// The event of the first that ends. It waits for ever where there is none.
    pub(super) async fn next(&mut self) -> E {
        poll_fn(|context| {
            let ended = self.0.iter_mut().enumerate().find_map(|(place, task)| {
                match task.as_mut().poll(context) {
                    Poll::Ready(event) => Some((place, event)),
                    Poll::Pending => None,
                }
            });
            match ended {
                Some((place, event)) => {
                    drop(self.0.swap_remove(place));
                    Poll::Ready(event)
                }
                None => Poll::Pending,
            }
        })
        .await
    }
}

/// Waits for the first of two.
pub(super) async fn first(one: impl Future<Output = ()>, other: impl Future<Output = ()>) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|context| {
        if one.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        other.as_mut().poll(context)
    })
    .await;
}
