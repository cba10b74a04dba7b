//! Named values: what an admin typed for a connection, or a provider returned with its tokens.

use std::collections::BTreeMap;

/// Named values, stored as a JSON object of strings. Not for secrets.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Values(pub BTreeMap<String, String>);

impl From<BTreeMap<String, String>> for Values {
    fn from(values: BTreeMap<String, String>) -> Self {
        Self(values)
    }
}

impl<DB: sqlx::Database> sqlx::Type<DB> for Values
where
    String: sqlx::Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <String as sqlx::Type<DB>>::type_info()
    }

    fn compatible(found: &DB::TypeInfo) -> bool {
        <String as sqlx::Type<DB>>::compatible(found)
    }
}

impl<'q, DB: sqlx::Database> sqlx::Encode<'q, DB> for Values
where
    String: sqlx::Encode<'q, DB>,
{
    fn encode_by_ref(
        &self,
        buffer: &mut <DB as sqlx::Database>::ArgumentBuffer,
    ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
        <String as sqlx::Encode<'q, DB>>::encode(serde_json::to_string(&self.0)?, buffer)
    }
}

impl<'r, DB: sqlx::Database> sqlx::Decode<'r, DB> for Values
where
    String: sqlx::Decode<'r, DB>,
{
    fn decode(value: <DB as sqlx::Database>::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
        let text = <String as sqlx::Decode<'r, DB>>::decode(value)?;
        Ok(Self(serde_json::from_str(&text)?))
    }
}
