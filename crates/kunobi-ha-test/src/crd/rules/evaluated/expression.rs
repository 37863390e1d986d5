//! An expression that stands alone, not in a schema.

use cel::{Program, Value};
use serde_json::Value as Json;

use super::{functions, values, why};

#[derive(Debug)]
pub(crate) struct Expression(Program);

impl Expression {
    pub(crate) fn compile(text: &str, variables: &[&str]) -> Result<Self, String> {
        functions::compile(text, variables).map(Self)
    }

    /// Returns whether the expression uses a variable.
    pub(crate) fn names(&self, variable: &str) -> bool {
        self.0.references().has_variable(variable)
    }

    pub(crate) fn evaluate(&self, variables: &[(&str, &Json)]) -> Result<bool, String> {
        let mut context = functions::context();
        for (name, value) in variables {
            context.add_variable_from_value(*name, values::of(value, None, false));
        }
        match self.0.execute(&context) {
            Ok(Value::Bool(is)) => Ok(is),
            Ok(_) => Err("must evaluate to bool".into()),
            Err(error) => Err(why(&error)),
        }
    }
}
