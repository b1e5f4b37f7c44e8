//! `dsp run FILE`: check, run, then `main` with the arguments, converted by type.

use std::path::Path;

use super::arguments::{convert, help};
use super::interrupt::until_interrupted;
use super::options::{self, Options};
use super::screen::Screen;
use super::split::{behind, parse, split};
use super::{Code, Done, explain_stop, forecast, open};
use crate::session::{Account, Builder, Script};
use crate::value::{Value, show};

pub fn main(args: &[String]) -> Done {
    let cut = split(&options::run(), args, 1);
    let matches = parse(options::run(), &cut.own)?;
    let file = matches.get_one::<String>("file").cloned().unwrap_or_default();
    let order = Order {
        script: open::script(&file)?,
        file,
        rest: cut.rest,
        options: Options::read(&matches, Options::default()),
        plan: matches.get_flag("plan"),
        account: true,
    };
    perform(order, Screen::new, open::builder, until_interrupted)
}

/// One script to run.
pub struct Order {
    /// As the user wrote it.
    pub file: String,
    pub script: Script,
    /// What stands behind it on the command line.
    pub rest: Vec<String>,
    /// What stands before it.
    pub options: Options,
    /// Whether it is only forecast.
    pub plan: bool,
    /// Whether it ends with what was spent.
    pub account: bool,
}

/// Runs a script on the streams of `screen`, in a session of `builder`, for as long as `stop` does not say to stop.
pub fn perform<S: Future<Output = ()>>(
    order: Order,
    screen: impl FnOnce(options::Color) -> Screen,
    builder: impl FnOnce(&Options, &Path) -> Builder,
    stop: impl FnOnce(Account, Screen) -> S,
) -> Done {
    let Order {
        file,
        script,
        rest,
        options,
        plan,
        account: accounts,
    } = order;
    let declared = script.main_parameters();
    let names: Vec<String> = declared.iter().map(|(name, _)| name.to_string()).collect();
    let is_flag = |name: &str| declared.iter().any(|(known, flag)| known == name && *flag);
    let behind = behind(&options::run(), &rest, &names, is_flag)?;
    let late = parse(options::run(), &[behind.own, vec![file.clone()]].concat())?;
    let options = Options::read(&late, options);
    let screen = screen(options.color);

    let folder = script.folder.clone();
    let session = builder(&options, &folder).arguments(rest).open(script)?;
    open::block_on(async {
        screen.err(&session.warnings(screen.color()).await?);
        let main = session.main().await?;
        if behind.help {
            let usage = format!("dsp run {file}");
            screen.out(&match &main {
                None => format!("Usage: {usage}\n\nThe script has no `main`, so it takes no arguments.\n"),
                Some(main) => help(&usage, main.description.as_deref(), &main.parameters),
            });
            return Ok(Code::Done);
        }
        let parameters = main.map(|main| main.parameters).unwrap_or_default();
        let values = convert(&parameters, &behind.named)?;
        if plan || late.get_flag("plan") {
            screen.out(&forecast::table(&session.forecast(values).await?));
            return Ok(Code::Done);
        }
        let account = session.account();
        let result = tokio::select! {
            result = session.run(values) => result,
            () = stop(account.clone(), screen.clone()) => {
                drop(session);
                screen.err(&format!("{}\n", account.interrupted()));
                return Ok(Code::Interrupted);
            }
        };
        let code = match result {
            Ok(Value::None) => Code::Done,
            Ok(value) => {
                screen.shown(&format!("{}\n", show(&value)));
                Code::Done
            }
            Err(failure) => explain_stop(&screen, failure.into()),
        };
        let spent = account.spent();
        if options.usage {
            screen.err(&account.table());
        } else if accounts && !spent.is_empty() {
            screen.err(&format!("{spent}\n"));
        }
        Ok(code)
    })?
}
