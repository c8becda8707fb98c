//! The command `bundle serve` from outside: what it prints works when pasted, and its end loses nothing.

#[cfg(test)]
mod bundle_process;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod lifetime;
#[cfg(test)]
mod logins;
#[cfg(test)]
mod shell;
