//! Which names an expression uses that nothing declares.

use cel::{
    IdedExpr, Program,
    common::ast::{CallExpr, EntryExpr, Expr},
};

/// The variables of a rule.
pub(super) const OF_RULES: &[&str] = &["self", "oldSelf"];

/// Types and namespaces, which every expression may name.
const TYPES: &[&str] = &[
    "bool",
    "bytes",
    "double",
    "duration",
    "int",
    "list",
    "map",
    "null_type",
    "optional",
    "string",
    "timestamp",
    "uint",
];

/// Functions of the standard, of its extension for strings, and of the module `functions`.
const FUNCTIONS: &[&str] = &[
    "all",
    "bool",
    "bytes",
    "charAt",
    "contains",
    "double",
    "duration",
    "dyn",
    "endsWith",
    "exists",
    "existsOne",
    "exists_one",
    "filter",
    "find",
    "findAll",
    "format",
    "has",
    "hasValue",
    "indexOf",
    "int",
    "isSorted",
    "isURL",
    "join",
    "lastIndexOf",
    "lowerAscii",
    "map",
    "matches",
    "max",
    "min",
    "none",
    "of",
    "ofNonZeroValue",
    "optFlatMap",
    "optMap",
    "optional.none",
    "optional.of",
    "optional.ofNonZeroValue",
    "or",
    "orValue",
    "replace",
    "reverse",
    "size",
    "split",
    "startsWith",
    "string",
    "substring",
    "sum",
    "timestamp",
    "trim",
    "type",
    "uint",
    "upperAscii",
    "value",
];

/// Functions that Kubernetes has, and that are not here.
const MISSING: &[&str] = &[
    "add",
    "asApproximateFloat",
    "asInteger",
    "cidr",
    "compareTo",
    "containsCIDR",
    "containsIP",
    "family",
    "format.named",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getEscapedPath",
    "getFullYear",
    "getHost",
    "getHostname",
    "getHours",
    "getMilliseconds",
    "getMinutes",
    "getMonth",
    "getPort",
    "getQuery",
    "getScheme",
    "getSeconds",
    "ip",
    "ip.isCanonical",
    "isCIDR",
    "isGreaterThan",
    "isIP",
    "isInteger",
    "isLessThan",
    "isQuantity",
    "isSemver",
    "masked",
    "prefixLength",
    "quantity",
    "semver",
    "sets.contains",
    "sets.equivalent",
    "sets.intersects",
    "sub",
    "url",
];

/// Why an expression can't be evaluated.
pub(super) fn error(program: &Program, text: &str, variables: &[&str]) -> Option<String> {
    let known = [variables, TYPES].concat();
    let (id, name) = undeclared(program.expression(), &known)?;
    if MISSING.contains(&name) {
        return Some(format!("kunobi-ha-test does not have the CEL function {name}"));
    }
    let offset = program.source_info().offset_for(id).map_or(0, |(start, _)| start);
    let offset = usize::try_from(offset).unwrap_or_default();
    let before: String = text.chars().take(offset).collect();
    let line = before.matches('\n').count();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
    let source = text.lines().nth(line).unwrap_or_default();
    let (line, dots) = (line.saturating_add(1), ".".repeat(column));
    let column = column.saturating_add(1);
    Some(format!(
        "ERROR: <input>:{line}:{column}: undeclared reference to '{name}' (in container '')\n | \
         {source}\n | {dots}^"
    ))
}

/// The first name that is neither bound by a macro such as `all` nor in `known`, with its place.
fn undeclared<'a>(expression: &'a IdedExpr, known: &[&'a str]) -> Option<(u64, &'a str)> {
    let within = |inside: &'a IdedExpr| undeclared(inside, known);
    match &expression.expr {
        Expr::Unspecified | Expr::Literal(_) => None,
        Expr::Ident(name) => (!name.starts_with('@') && !known.contains(&name.as_str()))
            .then_some((expression.id, name)),
        Expr::Call(call) => {
            let inside = call.target.as_deref().into_iter().chain(&call.args);
            function(call)
                .map(|name| (expression.id, name))
                .or_else(|| inside.into_iter().find_map(within))
        }
        Expr::List(list) => list.elements.iter().find_map(within),
        Expr::Select(select) => undeclared(&select.operand, known),
        Expr::Map(map) => map.entries.iter().find_map(|entry| in_entry(&entry.expr, known)),
        Expr::Struct(of) => of.entries.iter().find_map(|entry| in_entry(&entry.expr, known)),
        Expr::Comprehension(of) => {
            let mut bound = known.to_vec();
            bound.extend([of.iter_var.as_str(), of.accu_var.as_str()]);
            bound.extend(of.iter_var2.as_deref());
            let outside = [&of.iter_range, &of.accu_init];
            let inside = [&of.loop_cond, &of.loop_step, &of.result];
            let inside = || inside.into_iter().find_map(|inside| undeclared(inside, &bound));
            outside.into_iter().find_map(within).or_else(inside)
        }
    }
}

/// The name of the function, if it is not known. Operators are named by signs.
fn function(call: &CallExpr) -> Option<&str> {
    let name = call.func_name.as_str();
    (name.starts_with(char::is_alphabetic) && !FUNCTIONS.contains(&name)).then_some(name)
}

fn in_entry<'a>(entry: &'a EntryExpr, known: &[&'a str]) -> Option<(u64, &'a str)> {
    match entry {
        EntryExpr::StructField(field) => undeclared(&field.value, known),
        EntryExpr::MapEntry(entry) => {
            undeclared(&entry.key, known).or_else(|| undeclared(&entry.value, known))
        }
    }
}
