//! PostgreSQL 15 and later: the pool, and a transaction per write. Parameters carry no declared type, so that the
//! server takes it from the column, also where there is no value.

use super::{DbError, Hold, Row, RowError, Statement, Step, Value, Written};
use futures_util::TryStreamExt;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgConnection, PgPoolOptions, PgRow, PgTypeInfo};
use sqlx::{Arguments, Column, Either, Encode, Executor, PgPool, Row as _, Transaction, Type, TypeInfo, ValueRef};
use std::time::Duration;

/// Connections that one process keeps to the server.
const MAX_CONNECTIONS: u32 = 16;
/// How long a caller waits for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Tries of a write that the server ended because it stood in the way of another.
const MAX_TRIES: u32 = 4;

/// A PostgreSQL database.
#[derive(Debug, Clone)]
pub(crate) struct Postgres {
    pool: PgPool,
}

/// Binds a [`Value`] without declaring its type.
struct Untyped<'a>(&'a Value);

impl Type<sqlx::Postgres> for Untyped<'_> {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(0))
    }
}

impl Encode<'_, sqlx::Postgres> for Untyped<'_> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        match self.0 {
            Value::Null => return Ok(IsNull::Yes),
            Value::Int(value) => buffer.extend_from_slice(&value.to_be_bytes()),
            Value::Text(value) => buffer.extend_from_slice(value.as_bytes()),
            Value::Blob(value) => buffer.extend_from_slice(value),
        }
        Ok(IsNull::No)
    }
}

impl Postgres {
    /// Connects to the server.
    pub(crate) async fn connect(url: &str) -> Result<Self, DbError> {
        let options = url.parse::<sqlx::postgres::PgConnectOptions>()?.application_name("borgen");
        let pool = PgPoolOptions::new()
            .max_connections(MAX_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // A round trip less for each write; a connection that was cut shows at the first statement.
            .test_before_acquire(false)
            .connect_with(options)
            .await?;
        Ok(Self { pool })
    }

    /// The pool, for migrations.
    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub(crate) async fn read(&self, statement: Statement) -> Result<Vec<Row>, DbError> {
        let mut tries = 1;
        loop {
            let mut connection = self.pool.acquire().await?;
            match run(&mut connection, &statement).await {
                Err(DbError::Postgres(error)) if tries < MAX_TRIES && was_cut(&error) => tries += 1,
                read => return read.map(|(rows, _)| rows),
            }
        }
    }

    pub(crate) async fn write(&self, hold: Hold, steps: &[Step]) -> Result<Written, DbError> {
        let mut tries = 1;
        loop {
            let transaction = match self.pool.begin_with(begin(hold)).await {
                Err(error) if tries < MAX_TRIES && was_cut(&error) => {
                    tries += 1;
                    continue;
                }
                begun => begun?,
            };
            match write_once(transaction, steps).await {
                Err(DbError::Postgres(error)) if tries < MAX_TRIES && stood_in_the_way(&error) => tries += 1,
                other => return other,
            }
        }
    }
}

async fn write_once(mut transaction: Transaction<'_, sqlx::Postgres>, steps: &[Step]) -> Result<Written, DbError> {
    let mut answers = Vec::with_capacity(steps.len());
    for (number, step) in steps.iter().enumerate() {
        let (rows, touched) = run(&mut transaction, &step.statement).await?;
        if touched < step.demanded {
            transaction.rollback().await?;
            return Ok(Written::Refused(number));
        }
        answers.push(rows);
    }
    transaction.commit().await.map_err(|error| DbError::Unconfirmed(error.to_string()))?;
    Ok(Written::Done(answers))
}

/// Begins a transaction and takes its advisory lock in one round trip.
const fn begin(hold: Hold) -> &'static str {
    match hold {
        Hold::Nothing => "BEGIN",
        Hold::PolicyShared => "BEGIN; SELECT pg_advisory_xact_lock_shared(7302041)",
        Hold::PolicyAlone => "BEGIN; SELECT pg_advisory_xact_lock(7302041)",
        Hold::Claims => "BEGIN; SELECT pg_advisory_xact_lock(7302042)",
    }
}

/// True when the connection was cut before anything was asked of it: a pooled one may be older than the server.
fn was_cut(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(_))
}

/// True for a deadlock and for a failure to serialise: the server undid everything, so it may be tried again.
fn stood_in_the_way(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == "40P01" || code == "40001")
}

async fn run(connection: &mut PgConnection, statement: &Statement) -> Result<(Vec<Row>, u64), DbError> {
    let mut arguments = PgArguments::default();
    for value in &statement.args {
        arguments.add(Untyped(value)).map_err(sqlx::Error::Encode)?;
    }
    let query = sqlx::query_with::<sqlx::Postgres, _>(statement.sql, arguments);
    let mut answers = connection.fetch_many(query);
    let (mut rows, mut touched) = (Vec::new(), 0_u64);
    while let Some(answer) = answers.try_next().await? {
        match answer {
            Either::Left(done) => touched = touched.saturating_add(done.rows_affected()),
            Either::Right(row) => rows.push(row_of(&row)?),
        }
    }
    Ok((rows, touched))
}

fn row_of(row: &PgRow) -> Result<Row, DbError> {
    let cells = row.columns().iter().map(|column| value_of(row, column.ordinal(), column.type_info().name()));
    cells.collect::<Result<_, _>>().map(Row)
}

fn value_of(row: &PgRow, column: usize, kind: &str) -> Result<Value, DbError> {
    if row.try_get_raw(column)?.is_null() {
        return Ok(Value::Null);
    }
    Ok(match kind {
        "INT8" => Value::Int(row.try_get(column)?),
        "TEXT" => Value::Text(row.try_get(column)?),
        "BYTEA" => Value::Blob(row.try_get(column)?),
        _ => return Err(RowError { column, wanted: "BIGINT, TEXT or BYTEA", found: "another type" }.into()),
    })
}
