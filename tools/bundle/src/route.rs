//! Route matching, as strict as API Gateway's: `/a/` is not `/a`, a `{proxy+}` takes at least one segment.

#[cfg(test)]
mod tests;

use std::{borrow::Cow, collections::BTreeMap};

use anyhow::{Result, ensure};
use percent_encoding::percent_decode_str;

/// A route of the HTTP API and the function behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// `METHOD /path` as the template writes it.
    pub key: String,
    /// The function's name.
    pub function: String,
    method: Option<String>,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Variable(String),
    Greedy(String),
}

/// The routes of an API, the most specific first.
#[derive(Debug)]
pub struct Routes(Vec<Route>);

/// A route that matched, and the decoded values of its path variables.
#[derive(Debug, PartialEq, Eq)]
pub struct Matched<'a> {
    /// The route.
    pub route: &'a Route,
    /// Values by variable name.
    pub parameters: BTreeMap<String, String>,
}

impl Route {
    /// A route from the template's `Method` (`ANY` or `x-amazon-apigateway-any-method` for every one) and `Path`.
    ///
    /// # Errors
    /// If the path does not start with a slash, or has a greedy variable before its end.
    pub fn new(method: &str, path: &str, function: &str) -> Result<Self> {
        let method = match method.to_ascii_uppercase() {
            any if any == "ANY" || any == "X-AMAZON-APIGATEWAY-ANY-METHOD" => None,
            method => Some(method),
        };
        let Some(rest) = path.strip_prefix('/') else { anyhow::bail!("the path {path} must start with a slash") };
        let segments: Vec<_> = rest.split('/').map(Segment::new).collect();
        let greedy = segments.iter().position(|segment| matches!(segment, Segment::Greedy(_)));
        ensure!(
            greedy.is_none_or(|position| position + 1 == segments.len()),
            "the path {path} goes on after its greedy variable"
        );
        let key = format!("{} {path}", method.as_deref().unwrap_or("ANY"));
        Ok(Self { key, function: function.to_owned(), method, segments })
    }

    fn matches(&self, method: &str, path: &[&str]) -> Option<BTreeMap<String, String>> {
        if self.method.as_deref().is_some_and(|own| own != method) {
            return None;
        }
        let mut parameters = BTreeMap::new();
        let mut rest = path;
        for segment in &self.segments {
            if let Segment::Greedy(name) = segment {
                let value = rest.join("/");
                parameters.insert(name.clone(), decode(&value).into_owned());
                return (!value.is_empty()).then_some(parameters);
            }
            let (first, others) = rest.split_first()?;
            match segment {
                Segment::Literal(literal) if decode(first) == *literal => {}
                Segment::Variable(name) if !first.is_empty() => {
                    parameters.insert(name.clone(), decode(first).into_owned());
                }
                _ => return None,
            }
            rest = others;
        }
        rest.is_empty().then_some(parameters)
    }
}

impl Segment {
    fn new(text: &str) -> Self {
        match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            None => Self::Literal(text.to_owned()),
            Some(name) => match name.strip_suffix('+') {
                Some(name) => Self::Greedy(name.to_owned()),
                None => Self::Variable(name.to_owned()),
            },
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Literal(_) => 0,
            Self::Variable(_) => 1,
            Self::Greedy(_) => 2,
        }
    }
}

impl Routes {
    /// The routes in order of precedence, as API Gateway has it: whole paths before those with a greedy end, then a
    /// literal segment before a variable, then a method before `ANY`.
    pub fn new(mut routes: Vec<Route>) -> Self {
        routes.sort_by_cached_key(|route| {
            let ranks: Vec<_> = route.segments.iter().map(Segment::rank).collect();
            (matches!(route.segments.last(), Some(Segment::Greedy(_))), ranks, route.method.is_none())
        });
        Self(routes)
    }

    /// The most specific route for a method and an undecoded path.
    pub fn find(&self, method: &str, path: &str) -> Option<Matched<'_>> {
        let segments: Vec<_> = path.strip_prefix('/')?.split('/').collect();
        self.0.iter().find_map(|route| Some(Matched { route, parameters: route.matches(method, &segments)? }))
    }

    /// All routes, the most specific first.
    pub fn iter(&self) -> impl Iterator<Item = &Route> {
        self.0.iter()
    }
}

/// Percent-decoding as API Gateway's: what is no UTF-8 becomes replacement characters.
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}
