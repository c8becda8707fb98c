//! The commands `bundle rebuild` and `bundle audit` from outside.

#[cfg(test)]
mod damage;
