//! What loading says about a rule: its words by a stable code with the values in them, so that a
//! program can say the same in another language. Where each is said is in the files that read rules.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::Serialize;

use crate::yaml::Position;

/// The codes, with their English words and, where there is one, a hint. `$name` stands for a value.
macro_rules! codes {
    ($($name:ident $word:literal $message:literal $(=> $hint:literal)?;)*) => {
        /// What can be said about a rule.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $(#[doc = concat!("`", $word, "`")] $name),* }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable word for it.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }

            /// What is wrong, in English, with `$name` for each value.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$name => $message),* }
            }

            /// What to write instead, in English, with `$name` for each value.
            #[must_use]
            pub const fn hint(self) -> Option<&'static str> {
                match self { $(Self::$name => codes!(@hint $($hint)?)),* }
            }
        }
    };
    (@hint) => { None };
    (@hint $hint:literal) => { Some($hint) };
}

codes! {
    FileTooLarge "file-too-large" "the file is larger than $most bytes";
    NotYaml "not-yaml" "this is not YAML: $reason";
    AliasOfNothing "alias-of-nothing" "an alias refers to nothing before it";
    NestedTooDeep "nested-too-deep" "nested deeper than $most levels";
    EndWithoutBeginning "end-without-beginning" "a list or mapping ends that never began";
    TooManyNodes "too-many-nodes" "more than $most values in one file";
    KeyNoWord "key-no-word" "a key must be a plain word";
    KeyTwice "key-twice" "the key `$key` stands twice in one mapping";

    NoRule "no-rule" "the file holds no rule";
    RuleNoMapping "rule-no-mapping" "a rule is a mapping";
    TooManyRules "too-many-rules" "more than $most rules";
    OldCollection "old-collection" "rule collections with `action` are no longer part of Sigma"
        => "write every document out";
    IdTaken "id-taken" "the id `$id` is taken by $file" => "give the rule an id of its own";
    MemberUnknown "member-unknown" "no rule has the id or name `$name`"
        => "load the rule together with what refers to it";
    Circle "circle" "these correlations refer to each other in a circle";
    FilterOtherSource "filter-other-source" "the rule `$name` has another log source than this filter";
    FilterWithoutRule "filter-without-rule" "no rule has the log source of this filter";
    NoFilter "no-filter" "`filter` is missing";

    NoTitle "no-title" "a rule needs a title";
    LevelUnknown "level-unknown" "`$word` is not a level" => "levels: informational, low, medium, high, critical";
    NoLogSource "no-log-source" "the log source names no product, service or category"
        => "logsource: {product: azure, service: activitylogs}";
    NoDetection "no-detection" "a rule needs `detection`";
    DetectionNoMapping "detection-no-mapping" "`detection` must be a mapping of selections";
    OldTimeframe "old-timeframe" "`timeframe` belongs to the old aggregation"
        => "write a correlation document with `timespan`";
    SelectionCount "selection-count" "there must be between 1 and $most selections";
    NoCondition "no-condition" "`condition` is missing" => "condition: selection";
    ConditionNoText "condition-no-text" "a condition is a text or a list of texts";
    ConditionEmpty "condition-empty" "the condition is empty";
    SelectionEmpty "selection-empty" "an empty selection asks nothing" => "name at least one field";

    ConditionTooLong "condition-too-long" "the condition is longer than $most bytes";
    ConditionTooDeep "condition-too-deep" "the condition is nested deeper than $most levels";
    CloseWithoutOpen "close-without-open" "a closing parenthesis without an opening one";
    OpenWithoutClose "open-without-close" "this parenthesis is never closed";
    OperatorCase "operator-case" "`$word` is not an operator" => "write `$lower` in lower case";
    WordMisplaced "word-misplaced" "`$word` cannot stand here" => "join selections with `and` or `or`";
    OpenMisplaced "open-misplaced" "a parenthesis cannot stand here" => "join selections with `and` or `or`";
    CloseMisplaced "close-misplaced" "a selection is missing before this parenthesis";
    OldAggregation "old-aggregation" "aggregation after `|` is no longer part of Sigma"
        => "write a correlation document that refers to this rule: `correlation: {type: event_count, ...}`";
    CharacterUnknown "character-unknown" "the character `$character` has no meaning in a condition";
    ConditionEnds "condition-ends" "the condition ends where a selection is expected";
    PatternAlone "pattern-alone" "the pattern `$word` needs a quantity" => "write `1 of $word` or `all of $word`";
    SelectionUnknown "selection-unknown" "the condition names `$word`, which is not a selection of this rule"
        => "selections here: $known";
    OfWhat "of-what" "`of` must be followed by `them` or a pattern of selection names";
    QuantityUnknown "quantity-unknown" "`$word of` is not a quantity" => "write `1 of` or `all of`";
    PatternOfNothing "pattern-of-nothing" "no selection matches `$pattern`, so `$quantity of` it says nothing"
        => "selections here: $known";
    QuantityTooLarge "quantity-too-large" "`$quantity of $pattern` can never hold: only $count selections match";

    ModifierUnknown "modifier-unknown" "`$word` is not a modifier" => "modifiers: $known";
    PlacesExclude "places-exclude" "contains, startswith and endswith exclude each other"
        => "write the field twice, once with each";
    OrdersExclude "orders-exclude" "lt, lte, gt and gte exclude each other"
        => "write the field twice, once with each";
    ModifiersExclude "modifiers-exclude" "these modifiers cannot be used together"
        => "re, cidr, exists, and comparisons each stand alone";
    FieldrefAlone "fieldref-alone" "fieldref goes only with neq, cased, contains, startswith and endswith";
    FlagsWithoutRe "flags-without-re" "i, m and s follow `re`" => "write `|re|i`";
    ExistsAlone "exists-alone" "exists stands alone";
    FieldNoValue "field-no-value" "`$field` must have a value or a list of values"
        => "nested fields are written with dots: `a.b: value`";
    AllOfOne "all-of-one" "`all` needs a list of at least two values" => "leave `|all` out";
    ExistsNoBool "exists-no-bool" "exists takes true or false";
    TooManyValues "too-many-values" "more than $most values";
    ExpandNoText "expand-no-text" "expand takes text with a %placeholder%";
    NullInText "null-in-text" "null cannot be part of a text" => "an empty text is written ''";
    FieldrefNoName "fieldref-no-name" "fieldref compares a field with another field's name";
    TooManyWildcards "too-many-wildcards" "more than $most wildcards in one value";
    NoForm "no-form" "the value has no form";
    WildcardEncoded "wildcard-encoded" "a wildcard cannot be encoded"
        => "escape it with a backslash, or encode the parts one by one";
    WideTwice "wide-twice" "a value can be turned into UTF-16 only once";
    WideAlone "wide-alone" "these UTF-16 bytes are not text" => "follow it with base64 or base64offset";
    RegexTooLarge "regex-too-large" "the regular expression grows too large" => "use smaller repetitions";
    RegexUnusable "regex-unusable" "the regular expression cannot be used: $reason"
        => "look-around and backreferences are not part of Sigma";
    NoNetwork "no-network" "`$text` is not a network" => "write it as 10.0.0.0/8 or 2001:db8::/32";
    NoNumber "no-number" "`$text` is not a number, and this is a comparison of numbers";
    DatePartFraction "date-part-fraction" "a part of a date is a whole number";
    PlaceholderOpen "placeholder-open" "a placeholder is never closed"
        => "write it as %name%, or escape the sign as \\%";
    PlaceholderUnknown "placeholder-unknown" "no list is given for the placeholder %$name%"
        => "give a list for it, or leave the rule out";
    PlaceholdersTooMany "placeholders-too-many" "the placeholders make more than $most values";

    CorrelationNoMapping "correlation-no-mapping" "`correlation` must be a mapping";
    CorrelationNoType "correlation-no-type" "a correlation needs `type`";
    CorrelationNoRules "correlation-no-rules" "a correlation needs `rules`";
    MemberCount "member-count" "a correlation joins between 1 and $most rules";
    CorrelationPartUnknown "correlation-part-unknown" "`$word` is not part of a correlation" => "parts: $known";
    CorrelationTypeUnknown "correlation-type-unknown" "`$word` is not a type of correlation" => "types: $known";
    BoundsNoMapping "bounds-no-mapping" "the condition of a correlation is a mapping" => "condition: {gte: 10}";
    ComparisonUnknown "comparison-unknown" "`$word` is not a comparison"
        => "comparisons: gt, gte, lt, lte, eq, neq; and `field`";
    BoundNoNumber "bound-no-number" "a comparison needs a number";
    PercentileRange "percentile-range" "a percentile lies between 0 and 100";
    AliasesNoMapping "aliases-no-mapping" "aliases is a mapping";
    AliasNoMapping "alias-no-mapping" "an alias maps rules to fields";
    GroupTooWide "group-too-wide" "too many fields in group-by";
    CorrelationNoCondition "correlation-no-condition" "this correlation needs a condition" => "condition: {gte: 10}";
    CorrelationNoField "correlation-no-field" "this correlation needs `field` in its condition";
    FieldsCombined "fields-combined" "only value_count counts a combination of fields";
    BoundNeverReached "bound-never-reached" "a window holds at most $most events, so this bound is never reached";

    AdditionSecond "addition-second" "a rule has only one of new_terms, rate and burst; `$key` is the second";
    NoMapping "no-mapping" "this must be a mapping";
    SettingUnknown "setting-unknown" "`$word` is not a setting here" => "settings: $known";
    TermsNoFields "terms-no-fields" "new_terms needs `fields`";
    FactorTooSmall "factor-too-small" "factor must be greater than 1";
    BurstNoThresholds "burst-no-thresholds" "burst needs `thresholds`"
        => "thresholds: [{count: 10}, {distinct: 5, level: high}]";
    ThresholdCount "threshold-count" "a burst has between 1 and $most thresholds";
    DistinctOfNothing "distinct-of-nothing" "a threshold counts distinct values, but `distinct` names no field";
    ThresholdBoth "threshold-both" "a threshold has either `count` or `distinct`";
    ThresholdRange "threshold-range" "a threshold lies between 1 and $most";
    FieldsNoList "fields-no-list" "this must be a list of at most $most field names";
    SettingMissing "setting-missing" "`$key` is missing";
    NoSpan "no-span" "`$text` is not a span of time" => "a whole number and s, m, h or d, such as 15m";
    SettingNoNumber "setting-no-number" "`$key` must be a number";
    SettingNoWhole "setting-no-whole" "`$key` must be a whole number";

    AnyOf "any-of" "`any of` is not in the specification; it is read as `1 of`";
    CountOf "count-of" "`$count of` is not in the specification; it is read as at least $count";
    PatternNeverTrue "pattern-never-true" "no selection matches `$pattern`, so `1 of $pattern` is never true";
    ListEmpty "list-empty" "`$field` has an empty list, so this line is never true";
    NullInList "null-in-list"
        "null inside a list is outside the specification; it is read as one more alternative";
    PercentileTaken "percentile-taken"
        "the specification has no place for the percentile; 50 is taken. Say it with `percentile:` in the condition";
    NeverFires "never-fires" "it can never fire: it asks for something and excludes it at once";
    LogUnknown "log-unknown" "no log of `$product` is called `$service`: the rule looks only at events of unknown type";
    AsksTheSame "asks-the-same" "it asks exactly what the rule `$rule` asks";
    Covered "covered" "wherever it fires, the rule `$rule` fires too";
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// One thing that is said: a code and its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    code: Code,
    args: BTreeMap<&'static str, String>,
}

impl Said {
    pub(crate) fn new(code: Code) -> Self {
        Self { code, args: BTreeMap::new() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.args.insert(name, value.to_string());
        self
    }

    /// A template with its values. A value that looks like a name is not looked at again.
    fn filled(&self, template: &str) -> String {
        let mut out = String::new();
        let mut pieces = template.split('$');
        out.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let end = piece.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(piece.len());
            let (name, rest) = piece.split_at_checked(end).unwrap_or((piece, ""));
            if let Some(value) = self.args.get(name) {
                out.push_str(value);
            } else {
                out.push('$');
                out.push_str(name);
            }
            out.push_str(rest);
        }
        out
    }

    pub(crate) fn message(&self) -> String {
        self.filled(self.code.message())
    }

    pub(crate) fn warn(self, file: &str, rule: &str) -> Warning {
        let message = self.message();
        Warning { file: file.to_owned(), rule: rule.to_owned(), code: self.code, args: self.args, message }
    }
}

/// A document that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// File.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong, by its stable code.
    pub code: Code,
    /// The values in message and hint, by name.
    pub args: BTreeMap<&'static str, String>,
    /// What is wrong, in English.
    pub message: String,
    /// What to write instead, where there is an answer, in English.
    pub hint: Option<String>,
}

/// A remark on a document that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// File.
    pub file: String,
    /// Rule id.
    pub rule: String,
    /// The remark, by its stable code.
    pub code: Code,
    /// The values in it, by name.
    pub args: BTreeMap<&'static str, String>,
    /// The remark, in English.
    pub message: String,
}

/// What is wrong with a document, on its way to becoming a [`Refusal`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    at: Option<Position>,
    said: Said,
}

impl Fault {
    pub(crate) fn new(code: Code) -> Self {
        Self { at: None, said: Said::new(code) }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.said = self.said.with(name, value);
        self
    }

    /// Places the fault, unless a more exact place is known already.
    pub(crate) fn at(mut self, at: Position) -> Self {
        self.at = self.at.or(Some(at));
        self
    }

    pub(crate) fn refuse(self, file: &str) -> Refusal {
        let Position { line, column } = self.at.unwrap_or(Position { line: 1, column: 1 });
        let message = self.said.message();
        let hint = self.said.code.hint().map(|hint| self.said.filled(hint));
        Refusal { file: file.to_owned(), line, column, code: self.said.code, args: self.said.args, message, hint }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_put_in_and_never_read_as_a_name() {
        let said = Said::new(Code::PatternOfNothing).with("pattern", "$quantity").with("quantity", 2);
        assert_eq!(said.message(), "no selection matches `$quantity`, so `2 of` it says nothing");
        assert_eq!(Fault::new(Code::CountOf).refuse("f").message.matches('$').count(), 2, "what is missing shows");
    }

    #[test]
    fn words_of_codes_are_distinct_and_plain() {
        let words: std::collections::BTreeSet<_> = Code::ALL.iter().map(|code| code.word()).collect();
        assert_eq!(words.len(), Code::ALL.len());
        assert!(words.iter().all(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
    }
}
