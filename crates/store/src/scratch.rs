//! Databases of a scratch server, for a simulation that wants a fresh one for each of its worlds. Compiled only with the
//! feature `simulation`.

use crate::error::StoreError;
use crate::sql::DbError;
use crate::store::opening;
use sqlx::{Connection, Executor};

/// Makes an empty database on a server, and gives its address. Its commits are not waited for on the disk: what a
/// simulation tries is the order of things, not the disk.
pub async fn make_database(server: &str, name: &str) -> Result<String, StoreError> {
    drop_database(server, name).await?;
    command(server, format!("CREATE DATABASE {name}")).await?;
    command(server, format!("ALTER DATABASE {name} SET synchronous_commit = off")).await?;
    let (before, query) = server.split_once('?').unwrap_or((server, ""));
    let host = before.rsplit_once('/').filter(|(host, _)| !host.ends_with('/')).map_or(before, |(host, _)| host);
    Ok(if query.is_empty() { format!("{host}/{name}") } else { format!("{host}/{name}?{query}") })
}

/// Takes a database away, if it is there, whoever is connected to it.
pub async fn drop_database(server: &str, name: &str) -> Result<(), StoreError> {
    command(server, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await
}

async fn command(server: &str, sql: String) -> Result<(), StoreError> {
    let failed = |error: sqlx::Error| opening(DbError::from(error));
    let mut connection = sqlx::PgConnection::connect(server).await.map_err(failed)?;
    connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql))).await.map_err(failed)?;
    connection.close().await.map_err(failed)
}
