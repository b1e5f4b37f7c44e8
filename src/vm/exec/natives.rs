//! Calls of natives: how far their arguments are looked at, and when their bodies run.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Polling, Poll, Waker};

use crate::call::Forecast;
use crate::diag::{Fault, FaultKind, a};
use crate::host::{BoxFuture, Stream};
use crate::source::{FileId, Span};
use crate::value::{List, Predictor, Program, Raised, Record, Signature, Type, Value, check_setting, show};

use super::super::convert::convert;
use super::super::fiber::Fiber;
use super::super::native::{Body, Context, Dry, Intrinsic, Looks, Native};
use super::super::op::Reg;
use super::super::run::{Event, Run};
use super::super::settle::close_nested;
use super::super::tree::{Nature, Piece, Turn};
use super::Stop;
use super::raise::failure;

impl Run<'_> {
    pub(super) fn call_native(
        &mut self,
        fiber: &mut Fiber,
        at: u16,
        base: Reg,
        count: u16,
        to: Reg,
    ) -> Result<(), Stop> {
        let registry = self.machine.parts.registry.clone();
        let Some(native) = registry.at(at) else { return Ok(()) };
        self.look_at_arguments(fiber, native.looks, base, count)?;
        match native.dry {
            Dry::Skipped if self.captured.is_some() || Forecast::covers(&fiber.settings) => {
                clear(fiber, base, count);
                fiber.set(to, Value::None);
                return Ok(());
            }
            Dry::Unanswered if self.captured.is_some() => {
                let effect = matches!(native.body, Body::Effect(_) | Body::Overlapping(_) | Body::Hosted(_));
                let nature = Nature {
                    effect,
                    ..Nature::default()
                };
                self.tree.start(fiber.node, nature);
                let promise = Value::Promise(self.promise());
                fiber.set(to, promise);
                return Ok(());
            }
            Dry::Unanswered => {
                let result = self.machine.result_type(&native.name);
                if let Some(value) = Forecast::within(&fiber.settings, |forecast| forecast.value(&result)) {
                    clear(fiber, base, count);
                    fiber.set(to, value);
                    return Ok(());
                }
            }
            _ => {}
        }
        match &native.body {
            Body::Pure(_) | Body::Immediate(_) => self.compute(fiber, native, (base, count), to),
            Body::Effect(body) => self.effect(fiber, Turn::Effect, *body, (base, count), to),
            Body::Overlapping(body) => {
                if fiber.first_element().is_some() {
                    return Err(Stop::ElementApart);
                }
                self.effect(fiber, Turn::Overlapping, *body, (base, count), to)
            }
            Body::Hosted(body) => {
                if fiber.first_element().is_some() {
                    return Err(Stop::ElementApart);
                }
                let (name, result) = (native.name.clone(), self.machine.result_type(&native.name));
                let span = self.raised(fiber, Fault::new(FaultKind::Type, "")).span;
                let body = body.clone();
                let call = move |_: Context<'_>, args: Vec<Value>| -> BoxFuture<'static, Result<Value, Fault>> {
                    let value = body(args);
                    Box::pin(async move { hosted_result(&name, value.await?, &result, span) })
                };
                self.effect(fiber, Turn::Overlapping, call, (base, count), to)
            }
            Body::Settled(body) => self.effect(fiber, Turn::Settled, *body, (base, count), to),
            Body::Call(body) => {
                let args = (base..base + count).map(|reg| fiber.take(reg)).collect();
                let future = body(self.context(fiber), args);
                let promise = self.promise();
                let node = self.tree.start(fiber.node, Nature::default());
                let site = self.site(fiber);
                let done = promise.clone();
                self.events.push(Box::pin(async move {
                    let (result, queries) = future.await;
                    Event::Called {
                        node,
                        promise: done,
                        site,
                        result,
                        queries,
                    }
                }));
                fiber.set(to, Value::Promise(promise));
                Ok(())
            }
            Body::Machine(intrinsic) => self.intrinsic(fiber, *intrinsic, base, count, to),
        }
    }

    /// The natives whose value is there at once.
    fn compute(&mut self, fiber: &mut Fiber, native: &Native, (base, count): (Reg, u16), to: Reg) -> Result<(), Stop> {
        let open = self.look_at_arguments(fiber, native.looks, base, count)?;
        let frame = fiber.top().map_or(0, |frame| frame.base);
        let args = frame + usize::from(base)..frame + usize::from(base) + usize::from(count);
        let value = match native.body {
            Body::Pure(body) => body(&mut self.machine.memory, &fiber.stack[args])?,
            Body::Immediate(body) => body(&mut self.context(fiber), &fiber.stack[args])?,
            _ => Value::None,
        };
        clear(fiber, base, count);
        fiber.set(to, if open { close_nested(value) } else { value });
        Ok(())
    }

    /// Whether promises are left inside the arguments.
    fn look_at_arguments(&mut self, fiber: &mut Fiber, looks: Looks, base: Reg, count: u16) -> Result<bool, Stop> {
        let mut open = false;
        for reg in base..base + count {
            if !matches!(fiber.reg(reg), Value::Promise(_)) {
                continue;
            }
            let known = match looks {
                Looks::Deep => self.look(fiber, reg)?,
                Looks::Shallow => {
                    open = true;
                    let value = fiber.reg(reg).clone();
                    self.outline(fiber, &value)?
                }
            };
            fiber.set(reg, known);
        }
        Ok(open)
    }

    fn context<'a>(&'a mut self, fiber: &'a Fiber) -> Context<'a> {
        let file = self.script_file(fiber, fiber.frames.len());
        let machine = &mut *self.machine;
        Context {
            program: &machine.program,
            host: &machine.parts.host,
            client: &machine.parts.client,
            retrievers: &machine.parts.retrievers,
            history: &machine.parts.history,
            settings: &fiber.settings,
            default_lm: &machine.parts.lm.value,
            folder: machine.folders.get(&file).unwrap_or(&machine.no_folder),
            args: &machine.parts.args,
            sandbox: &machine.parts.sandbox,
            memory: &mut machine.memory,
        }
    }

    /// Waits its turn, then runs. Whether it counts as waiting is decided by what stands before it, never by time.
    fn effect(
        &mut self,
        fiber: &mut Fiber,
        turn: Turn,
        body: impl FnOnce(Context<'_>, Vec<Value>) -> BoxFuture<'static, Result<Value, Fault>>,
        (base, count): (Reg, u16),
        to: Reg,
    ) -> Result<(), Stop> {
        let waits = match turn {
            Turn::Settled => self.tree.started_before(fiber.node),
            // Waits for the world: its caller goes on.
            Turn::Overlapping => true,
            _ => self.tree.effects_before(fiber.node),
        };
        if waits && fiber.apart > 0 {
            return Err(Stop::Apart);
        }
        if let Some(node) = self.tree.before(fiber.node, turn) {
            return Err(Stop::Turn(node));
        }
        if turn == Turn::Settled {
            self.flush();
        }
        let args = (base..base + count).map(|reg| fiber.take(reg)).collect();
        let mut future = body(self.context(fiber), args);
        match poll_once(future.as_mut()) {
            Some(result) => {
                fiber.set(to, result?);
                Ok(())
            }
            None => {
                let id = fiber.id;
                self.events.push(Box::pin(async move {
                    Event::Effect {
                        fiber: id,
                        to,
                        result: future.await,
                    }
                }));
                Err(Stop::Parked)
            }
        }
    }

    fn intrinsic(
        &mut self,
        fiber: &mut Fiber,
        intrinsic: Intrinsic,
        base: Reg,
        count: u16,
        to: Reg,
    ) -> Result<(), Stop> {
        let value = match intrinsic {
            Intrinsic::Print if Forecast::covers(&fiber.settings) => Value::None,
            Intrinsic::Debug if Forecast::covers(&fiber.settings) => fiber.reg(base).clone(),
            Intrinsic::Print => {
                self.machine.memory.fits_text(fiber.reg(base))?;
                let text = match fiber.reg(base) {
                    Value::List(values) => values.iter().map(show).collect::<Vec<_>>().join(" "),
                    other => show(other),
                };
                self.tree.push(fiber.node, Piece::Text(Stream::Out, text + "\n"));
                Value::None
            }
            Intrinsic::Debug => {
                let value = fiber.reg(base).clone();
                self.machine.memory.fits_text(&value)?;
                self.tree
                    .push(fiber.node, Piece::Text(Stream::Err, show(&value) + "\n"));
                value
            }
            Intrinsic::Fail => return Err(Stop::Raised(self.failed(fiber, base)?)),
            Intrinsic::Predict => self.predictor(fiber, base, count)?,
            Intrinsic::Stream => {
                let function = fiber.take(base);
                Value::Promise(self.start_stream(fiber, function))
            }
            // These have code of their own.
            Intrinsic::Collect | Intrinsic::Attempt | Intrinsic::WithSettings => Value::None,
        };
        clear(fiber, base, count);
        fiber.set(to, value);
        Ok(())
    }

    fn failed(&mut self, fiber: &Fiber, base: Reg) -> Result<Arc<Raised>, Stop> {
        Ok(failure(fiber.reg(base))?)
    }

    /// `Predict(signature, temperature: 0.7)`: what is given beside the signature is its configuration.
    fn predictor(&mut self, fiber: &Fiber, base: Reg, count: u16) -> Result<Value, Fault> {
        let signature = signature_of(fiber.reg(base))?;
        let names = self.machine.parameter_names("Predict");
        let given = (1..count).zip(names.iter().skip(1));
        let given = given.filter(|(i, _)| !matches!(fiber.reg(base + i), Value::None | Value::Absent));
        let mut config: Record = given
            .map(|(i, name)| (name.clone(), fiber.reg(base + i).clone()))
            .collect();
        let lm = config.get("lm").cloned();
        config = config
            .iter()
            .filter(|(name, _)| *name != "lm")
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect();
        config.iter().try_for_each(|(name, value)| check_setting(name, value))?;
        let demos = List::default();
        let predictor = Predictor {
            signature,
            demos,
            lm,
            config: Arc::new(config),
            calibration: None,
            path: None,
            made: None,
        };
        Ok(Value::Program(Arc::new(Program::Predictor(predictor))))
    }
}

/// What a function of the host's yields, as its declaration promises it.
fn hosted_result(name: &str, value: Value, result: &Type, span: Option<Span>) -> Result<Value, Fault> {
    let span = span.unwrap_or(Span::new(FileId(0), 0..0));
    convert(&value, result, span).map_err(|fault| Fault {
        message: format!("what `{name}` returned: {}", fault.message),
        ..fault
    })
}

/// A signature, or the text of one that is parsed now.
fn signature_of(value: &Value) -> Result<Arc<Signature>, Fault> {
    match value {
        Value::Signature(signature) => Ok(signature.clone()),
        Value::Str(text) => crate::check::signature_of_text(text)
            .map(Arc::new)
            .map_err(|problem| Fault::new(FaultKind::Value, format!("this is no signature: {problem}"))),
        other => {
            let message = format!("a predictor is made of a signature, not of {}", a(other.type_name()));
            Err(Fault::new(FaultKind::Type, message))
        }
    }
}

fn clear(fiber: &mut Fiber, base: Reg, count: u16) {
    for reg in base..base + count {
        fiber.set(reg, Value::None);
    }
}

/// What is there at once needs no scheduler.
fn poll_once<T>(future: Pin<&mut (dyn Future<Output = T> + Send)>) -> Option<T> {
    match future.poll(&mut Polling::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}
