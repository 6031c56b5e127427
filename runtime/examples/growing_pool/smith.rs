//! A smith: a worker of the pool, known by its name for as long as it is there.

use sinew_patterns::{Register, Registration, Registry};
use sinew_runtime::{Actor, Address, Context, Failure, Handler};
use std::time::Duration;

/// How long a smith works on one piece.
const WORK: Duration = Duration::from_millis(200);

/// One piece to be made.
pub(crate) struct Order(pub(crate) String);

/// Makes one piece at a time, and is known by its name for as long as it is there.
pub(crate) struct Smith {
    registry: Address<Registry>,
    registration: Option<Registration>,
}

impl Smith {
    /// What builds smiths.
    pub(crate) fn maker(
        registry: &Address<Registry>,
    ) -> impl Fn() -> Result<Self, Failure> + use<> {
        let registry = registry.clone();
        move || {
            Ok(Self {
                registry: registry.clone(),
                registration: None,
            })
        }
    }
}

impl Actor for Smith {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let register = Register::named(ctx.name(), ctx.address());
        self.registration = Some(self.registry.ask(register).await??);
        Ok(())
    }
}

impl Handler<Order> for Smith {
    type Reply = String;
    async fn handle(&mut self, it: Order, _: &mut Context<Self>) -> Result<String, Failure> {
        tokio::time::sleep(WORK).await;
        Ok(it.0)
    }
}
