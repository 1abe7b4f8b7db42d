use std::fmt;

use paydunya_crm::sender::Sender;
use serde_json::{Map, Value};

use crate::fault::FaultPlan;

// No Debug: it holds keys.
/// What a sandbox is made with.
#[derive(Clone)]
pub struct Options {
    pub(crate) user_key: String,
    pub(crate) secret_key: String,
    pub(crate) app_key: String,
    /// Segments; `None`: as many as you like.
    pub(crate) balance: Option<u64>,
    /// Seconds.
    pub(crate) token_lifetime: u32,
    pub(crate) single_token: bool,
    /// Milliseconds.
    pub(crate) latency: u32,
    /// The senders of the account; `None`: every well-formed one.
    pub(crate) senders: Option<Vec<String>>,
    pub(crate) max_segments: usize,
    pub(crate) faults: Vec<FaultPlan>,
}

impl Options {
    /// Reads a JSON object; every member may be absent. `sandbox.d.ts` says what each means.
    ///
    /// # Errors
    /// Names the first option that is unknown or not of its type. The message never holds a value.
    pub fn parse(json: &str) -> Result<Options, OptionError> {
        let value = serde_json::from_str(json)
            .map_err(|_| OptionError::new("the options must be an object of plain values"))?;
        let mut fields = Fields::new("the options", "", value)?;
        let options = Options {
            user_key: fields.key("userKey")?.unwrap_or_else(|| "user-key".into()),
            secret_key: fields
                .key("secretKey")?
                .unwrap_or_else(|| "secret-key".into()),
            app_key: fields.key("appKey")?.unwrap_or_else(|| "app-key".into()),
            balance: fields.whole("balance", 0, 9_007_199_254_740_991)?,
            token_lifetime: fields
                .whole("tokenLifetime", 0, 315_360_000)?
                .unwrap_or(3600),
            single_token: fields.flag("singleToken")?.unwrap_or(false),
            latency: fields.milliseconds("latency")?.unwrap_or(0),
            senders: fields.senders("senders")?,
            max_segments: fields.whole("maxSegments", 1, 255)?.unwrap_or(255),
            faults: fields.faults("faults")?,
        };
        fields.end()?;
        Ok(options)
    }
}

/// An option that is unknown or not of its type: one sentence that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionError(String);

impl OptionError {
    pub(crate) fn new(message: impl Into<String>) -> OptionError {
        OptionError(message.into())
    }
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for OptionError {}

/// An object whose members are taken out one by one, so that what is left over is unknown.
pub(crate) struct Fields {
    /// `faults[0].`, before each name.
    prefix: String,
    left: Map<String, Value>,
    known: Vec<&'static str>,
}

impl Fields {
    pub(crate) fn new(what: &str, prefix: &str, value: Value) -> Result<Fields, OptionError> {
        match value {
            Value::Object(left) => Ok(Fields {
                prefix: prefix.to_owned(),
                left,
                known: Vec::new(),
            }),
            _ => Err(OptionError::new(format!("{what} must be an object"))),
        }
    }

    pub(crate) fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.left.remove(name)
    }

    /// A text; it may be empty.
    pub(crate) fn text(&mut self, name: &'static str) -> Result<Option<String>, OptionError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.fault(name, "must be a string")),
        }
    }

    /// A whole number from `min` to `max`.
    pub(crate) fn whole<T: TryFrom<u64>>(
        &mut self,
        name: &'static str,
        min: u64,
        max: u64,
    ) -> Result<Option<T>, OptionError> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        value
            .as_u64()
            .filter(|number| (min..=max).contains(number))
            .and_then(|number| T::try_from(number).ok())
            .map(Some)
            .ok_or_else(|| self.fault(name, &format!("must be a whole number from {min} to {max}")))
    }

    /// What a timer takes.
    pub(crate) fn milliseconds(&mut self, name: &'static str) -> Result<Option<u32>, OptionError> {
        self.whole(name, 0, 2_147_483_647)
    }

    pub(crate) fn flag(&mut self, name: &'static str) -> Result<Option<bool>, OptionError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(self.fault(name, "must be true or false")),
        }
    }

    /// Refuses what was not taken.
    pub(crate) fn end(self) -> Result<(), OptionError> {
        match self.left.keys().next() {
            None => Ok(()),
            Some(name) => {
                let Fields { prefix, known, .. } = &self;
                let known = known.join(", ");
                Err(OptionError::new(format!(
                    "the option {prefix}{name} is unknown here; there are {known}"
                )))
            }
        }
    }

    pub(crate) fn fault(&self, name: &str, rule: &str) -> OptionError {
        OptionError::new(format!("the option {}{name} {rule}", self.prefix))
    }

    fn key(&mut self, name: &'static str) -> Result<Option<String>, OptionError> {
        match self.text(name)? {
            Some(key) if key.is_empty() => Err(self.fault(name, "must not be empty")),
            key => Ok(key),
        }
    }

    fn list(&mut self, name: &'static str) -> Result<Option<Vec<Value>>, OptionError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Array(list)) => Ok(Some(list)),
            Some(_) => Err(self.fault(name, "must be an array")),
        }
    }

    fn senders(&mut self, name: &'static str) -> Result<Option<Vec<String>>, OptionError> {
        let Some(list) = self.list(name)? else {
            return Ok(None);
        };
        let senders = list
            .into_iter()
            .enumerate()
            .map(|(index, value)| {
                let name = format!("{name}[{index}]");
                match value {
                    Value::String(sender) => match Sender::parse(&sender) {
                        Ok(_) => Ok(sender),
                        Err(wrong) => {
                            let rule = format!("is not a sender: {}", wrong.hint);
                            Err(self.fault(&name, &rule))
                        }
                    },
                    _ => Err(self.fault(&name, "must be a string")),
                }
            })
            .collect::<Result<_, _>>()?;
        Ok(Some(senders))
    }

    fn faults(&mut self, name: &'static str) -> Result<Vec<FaultPlan>, OptionError> {
        let list = self.list(name)?.unwrap_or_default();
        list.into_iter()
            .enumerate()
            .map(|(index, value)| FaultPlan::parse(&format!("{name}[{index}]"), value))
            .collect()
    }
}
