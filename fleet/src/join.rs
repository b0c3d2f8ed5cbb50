//! Several futures at once, on whatever runtime there is.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
};

/// What all of them give, in their order.
pub(crate) async fn join_all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<Running<F>> = futures
        .into_iter()
        .map(|future| Running::Pending(Box::pin(future)))
        .collect();
    poll_fn(|context| {
        let mut all_ready = true;
        for running in &mut running {
            if let Running::Pending(future) = running {
                match future.as_mut().poll(context) {
                    Poll::Ready(output) => *running = Running::Ready(output),
                    Poll::Pending => all_ready = false,
                }
            }
        }
        match all_ready {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
    let outputs = running.into_iter().filter_map(|running| match running {
        Running::Ready(output) => Some(output),
        Running::Pending(_) => None,
    });
    outputs.collect()
}

enum Running<F: Future> {
    Pending(Pin<Box<F>>),
    Ready(F::Output),
}

/// What the first gives, or `None` if the second is ready before.
pub(crate) async fn race<F: Future>(first: F, second: impl Future) -> Option<F::Output> {
    let (mut first, mut second) = (Box::pin(first), Box::pin(second));
    poll_fn(|context| {
        if let Poll::Ready(output) = first.as_mut().poll(context) {
            return Poll::Ready(Some(output));
        }
        second.as_mut().poll(context).map(|_| None)
    })
    .await
}
