using FluentAssertions;
using NUnit.Framework;
using Relier.Contracts;

namespace Relier.Adapters.Tests.Sql;

/// <summary>What the database itself refuses, whoever asks.</summary>
[TestFixture(typeof(OnSqlite))]
[TestFixture(typeof(OnSystemSqlite))]
[TestFixture(typeof(OnPostgres))]
public sealed class GuardTests<TEngine>
    where TEngine : SqlEngine, new()
{
    private static readonly string[] AppendOnly = ["relier_journal", "relier_posting", "relier_topup_evidence", "relier_audit_entry"];

    private TestDatabase _database = null!;

    [OneTimeSetUp]
    public async Task BeginWithARowInEveryTable()
    {
        _database = await new TEngine().CreateAsync();
        var (_, delivered, _) = await _database.KeepAsync();
        await _database.InAsync(session => session.TopUps.UpdateAsync(delivered with { Evidence = [A.Evidence()] }, default));
        await _database.InAsync(session => session.Audit.AddAsync(A.AuditEntry(), default));
    }

    [OneTimeTearDown]
    public async Task End() => await _database.DisposeAsync();

    [Test]
    public async Task What_was_written_is_never_changed_nor_removed(
        [ValueSource(nameof(AppendOnly))] string table,
        [Values("UPDATE {0} SET tenant_id = 'sur'", "DELETE FROM {0}")] string statement)
    {
        var rows = await _database.CountAsync($"SELECT COUNT(*) FROM {table}");

        var tamper = () => _database.ExecuteAsync(string.Format(statement, table));

        rows.Should().BePositive();
        (await tamper.Should().ThrowAsync<InvalidOperationException>()).WithMessage($"*{table} is append-only*");
        (await _database.CountAsync($"SELECT COUNT(*) FROM {table} WHERE tenant_id = 'norte'")).Should().Be(rows);
    }

    [Test]
    public async Task Nothing_is_truncated([ValueSource(nameof(AppendOnly))] string table)
    {
        var rows = await _database.CountAsync($"SELECT COUNT(*) FROM {table}");

        // PostgreSQL's trigger says no; SQLite does not even know the word.
        await _database.Invoking(database => database.ExecuteAsync($"TRUNCATE {table} CASCADE")).Should().ThrowAsync<InvalidOperationException>();

        rows.Should().BePositive();
        (await _database.CountAsync($"SELECT COUNT(*) FROM {table}")).Should().Be(rows);
    }

    [TestCase("UPDATE relier_hold SET amount = 0")]
    [TestCase("UPDATE relier_hold SET state = 'gone'")]
    [TestCase("UPDATE relier_hold SET ended_at = 1 WHERE state = 'open'")]
    [TestCase("UPDATE relier_account SET held = -1")]
    [TestCase("UPDATE relier_account SET credit_limit = -1")]
    [TestCase("UPDATE relier_topup SET state = 'done'")]
    [TestCase("UPDATE relier_topup SET charge_amount = 0")]
    [TestCase("UPDATE relier_topup SET charge_currency = NULL")]
    [TestCase("UPDATE relier_topup SET route_provider = NULL")]
    [TestCase("UPDATE relier_topup SET rate = 1")]
    [TestCase("UPDATE relier_topup_attempt SET state = 'maybe'")]
    [TestCase("UPDATE relier_customer SET status = 'sleeping'")]
    public async Task A_row_that_makes_no_sense_is_refused(string statement) =>
        await _database.Invoking(database => database.ExecuteAsync(statement)).Should().ThrowAsync<InvalidOperationException>();
}
