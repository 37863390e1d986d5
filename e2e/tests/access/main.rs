//! Access rights: what the shipped Role allows, what is requested, and what is reported when it is not
//! allowed.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

mod audit;
mod installation;
mod kubectl;
mod life;
mod places;
mod revoked;
mod verbs;
