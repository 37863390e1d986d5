//! The functions that rules may call: those of CEL, and of what Kubernetes adds the more usual ones.

use std::sync::{Arc, LazyLock};

use cel::{
    Context, Env, ExecutionError, Program, Value, extensions,
    extractors::{Arguments, This},
};

use super::{names, times};
use crate::crd::schema::Format;

static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::stdlib();
    // They can't fail: nothing else has declared these names.
    let _ = env.add_extension(extensions::strings);
    Arc::new(env)
});

/// Compiles an expression that may use these variables.
pub(super) fn compile(text: &str, variables: &[&str]) -> Result<Program, String> {
    let failed = |why: String| format!("compilation failed: {why}");
    let program = ENV.compile(text).map_err(|errors| {
        // cel-go indents the line that it quotes.
        failed(errors.to_string().replace("\n|", "\n |"))
    })?;
    names::error(&program, text, variables).map_or(Ok(program), |why| Err(failed(why)))
}

/// A context without variables.
pub(super) fn context() -> Context<'static, 'static> {
    let mut context = Context::with_env(Arc::clone(&ENV));
    // A name that the crate comes to declare itself is its own from then on.
    let _ = context.add_function("isSorted", is_sorted);
    let _ = context.add_function("sum", sum);
    let _ = context.add_function("min", |list: This<Arc<Vec<Value>>>| extreme(list, "min"));
    let _ = context.add_function("max", |list: This<Arc<Vec<Value>>>| extreme(list, "max"));
    let _ = context.add_function("find", find);
    let _ = context.add_function("findAll", find_all);
    let _ = context.add_function("timestamp", |text: Arc<String>| {
        number("timestamp", times::timestamp(&text))
    });
    let _ = context
        .add_function("duration", |text: Arc<String>| number("duration", times::duration(&text)));
    let _ = context.add_function("isURL", |text: Arc<String>| Format::is_uri(&text));
    context
}

fn number(function: &str, number: Option<i64>) -> Result<Value, ExecutionError> {
    let why = || ExecutionError::function_error(function, "type conversion error");
    number.map(Value::Int).ok_or_else(why)
}

type List = This<Arc<Vec<Value>>>;

fn is_sorted(This(list): List) -> bool {
    list.is_sorted_by(|a, b| a.partial_cmp(b).is_some_and(std::cmp::Ordering::is_le))
}

fn sum(This(list): List) -> Result<Value, ExecutionError> {
    let mut all = list.iter().cloned();
    let first = all.next().unwrap_or(Value::Int(0));
    all.try_fold(first, |sum, next| sum + next)
}

fn extreme(This(list): List, name: &str) -> Result<Value, ExecutionError> {
    let wanted = if name == "min" { std::cmp::Ordering::Less } else { std::cmp::Ordering::Greater };
    let better = |a: &Value, b: &Value| b.partial_cmp(a) == Some(wanted);
    let mut all = list.iter();
    let first = all.next().ok_or_else(|| {
        ExecutionError::function_error(name, format!("{name} called on empty list"))
    })?;
    Ok(all.fold(first, |best, next| if better(best, next) { next } else { best }).clone())
}

#[expect(clippy::needless_pass_by_value, reason = "`cel` passes arguments so")]
fn find(This(text): This<Arc<String>>, pattern: Arc<String>) -> Result<Value, ExecutionError> {
    let found = regex(&pattern)?.find(&text).map(|found| found.as_str().to_owned());
    Ok(Value::String(Arc::new(found.unwrap_or_default())))
}

fn find_all(
    This(text): This<Arc<String>>,
    Arguments(arguments): Arguments,
) -> Result<Value, ExecutionError> {
    let (pattern, most) = match arguments.as_slice() {
        [Value::String(pattern)] => (pattern, usize::MAX),
        [Value::String(pattern), Value::Int(most)] => {
            (pattern, usize::try_from(*most).unwrap_or(usize::MAX))
        }
        _ => return Err(ExecutionError::function_error("findAll", "no such overload")),
    };
    let regex = regex(pattern)?;
    let found = regex.find_iter(&text).take(most);
    let found = found.map(|found| Value::String(Arc::new(found.as_str().to_owned())));
    Ok(Value::List(Arc::new(found.collect())))
}

fn regex(pattern: &str) -> Result<regex::Regex, ExecutionError> {
    regex::Regex::new(pattern)
        .map_err(|error| ExecutionError::function_error("find", error.to_string()))
}
