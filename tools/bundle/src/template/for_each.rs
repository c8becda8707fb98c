//! `Fn::ForEach`, the loop of `AWS::LanguageExtensions`: CloudFormation writes it out before it reads anything else.

use anyhow::{Context, Result, bail, ensure};
use serde_yaml_ng::{
    Mapping, Value as Yaml,
    value::{Tag, TaggedValue},
};

use super::intrinsics::long_form;

const LOOP: &str = "Fn::ForEach::";

/// The value with the entries of each loop in place of the loop.
pub(super) fn write_out(value: Yaml) -> Result<Yaml> {
    Ok(match value {
        Yaml::Mapping(map) => {
            let mut written = Mapping::new();
            for (key, value) in map {
                let name = key.as_str().filter(|key| key.starts_with(LOOP)).map(str::to_owned);
                let entries = match name {
                    Some(name) => repeat(&value).context(name)?,
                    None => vec![(key, write_out(value)?)],
                };
                for (key, value) in entries {
                    ensure!(!written.contains_key(&key), "{} is there twice", key.as_str().unwrap_or_default());
                    written.insert(key, value);
                }
            }
            Yaml::Mapping(written)
        }
        Yaml::Sequence(items) => Yaml::Sequence(items.into_iter().map(write_out).collect::<Result<_>>()?),
        Yaml::Tagged(tagged) => {
            let TaggedValue { tag, value } = *tagged;
            Yaml::Tagged(Box::new(TaggedValue { tag, value: write_out(value)? }))
        }
        scalar => scalar,
    })
}

/// What a loop makes: the entries of its body for each text of its list.
fn repeat(parts: &Yaml) -> Result<Vec<(Yaml, Yaml)>> {
    let Some([Yaml::String(name), Yaml::Sequence(texts), Yaml::Mapping(body)]) = parts.as_sequence().map(Vec::as_slice)
    else {
        bail!("a loop is a name, a list and a map");
    };
    let placeholder = format!("${{{name}}}");
    let mut entries = Vec::new();
    for text in texts {
        let text = text.as_str().context("its list holds something else than texts")?;
        let variable = Variable { name, placeholder: &placeholder, text };
        for (key, value) in body {
            let key = key.as_str().unwrap_or_default();
            ensure!(key.contains(&placeholder), "the key {key} lacks {placeholder}");
            let key = key.replace(&placeholder, text);
            let value = variable.fill_in(value).and_then(write_out).with_context(|| key.clone())?;
            entries.push((Yaml::String(key), value));
        }
    }
    Ok(entries)
}

/// What a loop's variable stands for in one of its rounds.
struct Variable<'a> {
    name: &'a str,
    placeholder: &'a str,
    text: &'a str,
}

impl Variable<'_> {
    /// The value with the variable filled in: in a `Ref` and in the text of a `Fn::Sub`. Elsewhere it is an error, for
    /// CloudFormation may leave it there as it is.
    fn fill_in(&self, value: &Yaml) -> Result<Yaml> {
        match call(value) {
            Some((function, Yaml::String(name))) if function == "Ref" && name == self.name => {
                return Ok(Yaml::String(self.text.to_owned()));
            }
            Some((function, Yaml::String(pattern))) if function == "Sub" => return Ok(self.substitute(pattern)),
            _ => {}
        }
        Ok(match value {
            Yaml::Mapping(map) => {
                let filled = map.iter().map(|(key, value)| anyhow::Ok((self.fill_in(key)?, self.fill_in(value)?)));
                Yaml::Mapping(filled.collect::<Result<_>>()?)
            }
            Yaml::Sequence(items) => {
                Yaml::Sequence(items.iter().map(|item| self.fill_in(item)).collect::<Result<_>>()?)
            }
            Yaml::Tagged(tagged) => {
                let value = self.fill_in(&tagged.value)?;
                Yaml::Tagged(Box::new(TaggedValue { tag: tagged.tag.clone(), value }))
            }
            Yaml::String(text) if text.contains(self.placeholder) => bail!("{text} is not the text of a !Sub"),
            scalar => scalar.clone(),
        })
    }

    /// Plain text once nothing is left to fill in, so that it can be what a `Ref` names.
    fn substitute(&self, pattern: &str) -> Yaml {
        let filled = Yaml::String(pattern.replace(self.placeholder, self.text));
        if filled.as_str().is_some_and(|text| text.contains("${")) {
            Yaml::Tagged(Box::new(TaggedValue { tag: Tag::new("Sub"), value: filled }))
        } else {
            filled
        }
    }
}

/// The function that a value calls, in its short form or its long one, and what it is given.
fn call(value: &Yaml) -> Option<(String, &Yaml)> {
    match value {
        Yaml::Tagged(tagged) => Some((tagged.tag.to_string().trim_start_matches('!').to_owned(), &tagged.value)),
        Yaml::Mapping(map) => long_form(map).map(|(name, argument)| (name.to_owned(), argument)),
        _ => None,
    }
}
