using FluentAssertions;
using NUnit.Framework;
using Relier.Sql;
using Relier.Storage;

namespace Relier.Adapters.Tests.Sql;

[TestFixture(typeof(OnSqlite))]
[TestFixture(typeof(OnSystemSqlite))]
[TestFixture(typeof(OnPostgres))]
public sealed class MigrationTests<TEngine>
    where TEngine : SqlEngine, new()
{
    private TestDatabase _database = null!;

    [SetUp]
    public async Task BeginWithAnEmptyDatabase() => _database = await new TEngine().CreateAsync(migrated: false);

    [TearDown]
    public async Task End() => await _database.DisposeAsync();

    [Test]
    public async Task However_many_migrate_at_once_each_migration_is_applied_once()
    {
        var storages = Enumerable.Range(0, 5).Select(_ => _database.OpenAnother()).ToList();

        await Task.WhenAll(storages.Select(storage => Task.Run(() => storage.MigrateAsync(default))));

        (await _database.CountAsync("SELECT COUNT(*) FROM relier_schema_migrations")).Should().Be(Known);
        foreach (var storage in storages) await storage.EnrolAsync();
    }

    [Test]
    public async Task Migrations_are_listed_before_and_after_they_are_applied()
    {
        var before = await _database.MigrationsAsync(default);
        await _database.MigrateAsync(default);
        var after = await _database.MigrationsAsync(default);

        before.Should().HaveCount(Known).And.OnlyContain(migration => migration.AppliedAt == null);
        before[0].Name.Should().Be("topups_and_ledger");
        after.Select(migration => migration.Version).Should().OnlyHaveUniqueItems().And.BeInAscendingOrder().And.StartWith(1);
        after.Should().OnlyContain(migration => migration.AppliedAt != null);
    }

    [Test]
    public async Task A_database_that_was_not_migrated_is_not_used()
    {
        var use = () => _database.EnrolAsync();

        (await use.Should().ThrowAsync<SchemaMismatchException>()).WithMessage("*version 0*");

        await _database.MigrateAsync(default);
        await use.Should().NotThrowAsync();
    }

    [Test]
    public async Task A_migration_that_was_applied_with_other_text_is_refused()
    {
        await _database.MigrateAsync(default);
        await _database.ExecuteAsync("UPDATE relier_schema_migrations SET checksum = 'other' WHERE version = 1");

        await ShouldBeRefusedAsync("*other text*");
    }

    [Test]
    public async Task A_schema_that_a_newer_program_made_is_refused()
    {
        await _database.MigrateAsync(default);
        await _database.ExecuteAsync(
            $"INSERT INTO relier_schema_migrations (version, name, checksum, applied_at) VALUES (9999, 'later', 'x', 1)");

        await ShouldBeRefusedAsync("*later*newer*");
    }

    [Test]
    public async Task A_migration_that_fails_leaves_nothing_behind()
    {
        await _database.ExecuteAsync("CREATE TABLE relier_journal (id BIGINT)");

        await _database.Invoking(database => database.MigrateAsync(default)).Should().ThrowAsync<InvalidOperationException>();

        (await _database.MigrationsAsync(default))[0].AppliedAt.Should().BeNull();
        await _database.ExecuteAsync("DROP TABLE relier_journal");
        await _database.MigrateAsync(default);
        await _database.EnrolAsync();
    }

    private static int Known => Migration.Read("sqlite").Count;

    private async Task ShouldBeRefusedAsync(string message)
    {
        var newcomer = _database.OpenAnother();
        (await newcomer.Invoking(storage => storage.MigrateAsync(default)).Should().ThrowAsync<SchemaMismatchException>()).WithMessage(message);
        (await newcomer.Invoking(storage => storage.EnrolAsync()).Should().ThrowAsync<SchemaMismatchException>()).WithMessage(message);
    }
}

/// <summary>What the text of the migrations and the code must agree on.</summary>
public sealed class MigrationTextTests
{
    [Test]
    public void Every_word_of_an_enumeration_is_allowed_by_its_check()
    {
        var text = Migration.Read("sqlite").Aggregate("", (all, migration) => all + migration.Text);

        AllowedBy("relier_customer_status").Should().BeEquivalentTo(Words.CustomerStatus.All);
        AllowedBy("relier_hold_state").Should().BeEquivalentTo(Words.HoldState.All);
        AllowedBy("relier_topup_state").Should().BeEquivalentTo(Words.TopUpState.All);
        AllowedBy("relier_topup_attempt_state").Should().BeEquivalentTo(Words.AttemptState.All);
        AllowedBy("relier_topup_attempt_environment").Should().BeEquivalentTo(Words.ProviderEnvironment.All);
        AllowedBy("relier_topup_evidence_verdict").Should().BeEquivalentTo(Words.Verdict.All);
        AllowedBy("relier_provider_message_state").Should().BeEquivalentTo(Words.ProviderMessageState.All);
        AllowedBy("relier_topup_evidence_source").Should().BeEquivalentTo(Words.EvidenceSource.All);
        AllowedBy("relier_reconciliation_source").Should().BeEquivalentTo(Words.StatementSource.All);
        AllowedBy("relier_reconciliation_state").Should().BeEquivalentTo(Words.ReconciliationState.All);
        AllowedBy("relier_statement_row_state").Should().BeEquivalentTo(Words.StatementState.All);
        AllowedBy("relier_statement_finding_kind").Should().BeEquivalentTo(Words.StatementKind.All);
        AllowedBy("relier_reconciliation_break_verdict").Should().BeEquivalentTo(Words.Verdict.All);
        AllowedBy("relier_alert_kind").Should().BeEquivalentTo(Words.AlertKind.All);
        AllowedBy("relier_reconciliation_break_outcome").Should().BeEquivalentTo(Words.BreakOutcome.All);

        AllowedBy("relier_plan_version_state").Append(Words.VersionState.Of(Rating.VersionState.Draft)).Should().BeEquivalentTo(Words.VersionState.All, "a plan is active from the start");
        AllowedBy("relier_deck_version_state").Should().BeEquivalentTo(Words.VersionState.All);
        AllowedBy("relier_usage_account_mode").Should().BeEquivalentTo(Words.PaymentMode.All);
        AllowedBy("relier_usage_account_status").Should().BeEquivalentTo(Words.UsageAccountStatus.All);
        AllowedBy("relier_line_kind").Should().BeEquivalentTo(Words.LineKind.All);
        AllowedBy("relier_bucket_kind").Should().BeEquivalentTo(Words.BucketKind.All);
        AllowedBy("relier_call_kind").Should().BeEquivalentTo(Words.UsageKind.All);
        AllowedBy("relier_call_direction").Should().BeEquivalentTo(Words.CallDirection.All);
        AllowedBy("relier_call_state").Should().BeEquivalentTo(Words.CallState.All);
        AllowedBy("relier_call_dispute_state").Should().BeEquivalentTo(Words.DisputeState.All);
        AllowedBy("relier_call_report_state").Should().BeEquivalentTo(Words.CallReportState.All);

        IEnumerable<string> AllowedBy(string constraint)
        {
            var check = text[text.IndexOf($"CONSTRAINT {constraint} CHECK", StringComparison.Ordinal)..];
            var list = check[(check.IndexOf("IN (", StringComparison.Ordinal) + 4)..check.IndexOf("))", StringComparison.Ordinal)];
            return list.Split(',').Select(word => word.Trim().Trim('\''));
        }
    }

    [Test]
    public void Every_value_of_an_enumeration_has_one_word_and_back()
    {
        Check(Words.CustomerStatus);
        Check(Words.LateDeliveryPolicy);
        Check(Words.HoldState);
        Check(Words.JournalKind);
        Check(Words.ProviderSight);
        Check(Words.ProviderMessageState);
        Check(Words.TopUpState);
        Check(Words.AttemptState);
        Check(Words.ProviderEnvironment);
        Check(Words.Verdict);
        Check(Words.EvidenceSource);
        Check(Words.AlertKind);
        Check(Words.StatementSource);
        Check(Words.ReconciliationState);
        Check(Words.StatementState);
        Check(Words.StatementKind);
        Check(Words.BreakOutcome);
        Check(Words.VersionState);
        Check(Words.PaymentMode);
        Check(Words.UsageAccountStatus);
        Check(Words.PlanUse);
        Check(Words.LineKind);
        Check(Words.BucketKind);
        Check(Words.UsageKind);
        Check(Words.CallDirection);
        Check(Words.CallState);
        Check(Words.UnratedReason);
        Check(Words.ChargeLineKind);
        Check(Words.CallReportState);
        Check(Words.DisputeState);
        Check(Words.CapStrategy);
        Check(Words.Rounding);

        static void Check<T>(Words<T> words)
            where T : struct, Enum
        {
            foreach (var value in Enum.GetValues<T>()) words.Parse(words.Of(value)).Should().Be(value);
            words.All.Should().OnlyHaveUniqueItems().And.HaveCount(Enum.GetValues<T>().Length);
        }
    }

    [Test]
    public void A_checkout_with_other_line_ends_is_the_same_migration() =>
        Migration.Read("sqlite").Should().OnlyContain(migration => !migration.Text.Contains('\r'));
}
