#pragma warning disable CS1591 // The name of a test says what it proves.
using FluentAssertions;
using NUnit.Framework;
using Relier.Auditing;

namespace Relier.Contracts;

/// <summary>What an audit log must keep.</summary>
public sealed class AuditContract(IStorageEngine engine) : StorageContract(engine)
{
    [Test]
    public async Task An_entry_comes_back_whole()
    {
        var (created, gone) = (A.AuditEntry() with { Before = null, After = "{\"b\": 1,  \"a\":2}" }, A.AuditEntry() with { Before = "{}", After = null });

        await AddAsync(created);
        await AddAsync(gone);

        (await WalkAsync(10)).ShouldWhollyBe(new[] { created, gone });
    }

    [TestCaseSource(typeof(EdgeValues), nameof(EdgeValues.Texts))]
    public async Task Any_text_survives(string text)
    {
        var entry = A.AuditEntry() with { Actor = text, Subject = text, After = text };

        await AddAsync(entry);

        (await WalkAsync(10, text)).ShouldWhollyBe(new[] { entry });
    }

    [TestCase(1)]
    [TestCase(4)]
    [TestCase(9)]
    public async Task Pages_hold_every_entry_once_newest_first_then_by_id(int limit)
    {
        var ordered = EdgeValues.InOrderOfTimeThenId((at, id) => A.AuditEntry() with { Id = Id<AuditEntry>.Parse(id), At = at });
        await AddAsync(EdgeValues.Shuffled(ordered).ToArray());

        (await WalkAsync(limit)).ShouldWhollyBe(ordered);
    }

    [Test]
    public async Task With_a_subject_only_entries_about_it_are_listed()
    {
        var about = Enumerable.Range(0, 3).Select(_ => A.AuditEntry() with { Subject = "cus_2" }).ToList();
        await AddAsync([A.AuditEntry(), .. about, A.AuditEntry() with { Subject = "CUS_2" }, A.AuditEntry() with { Subject = "cus_22" }]);

        (await WalkAsync(2, "cus_2")).ShouldWhollyBe(about);
        (await WalkAsync(2, "cus_3")).Should().BeEmpty();
    }

    private Task AddAsync(params AuditEntry[] entries) => InAsync(async session =>
    {
        foreach (var entry in entries) await session.Audit.AddAsync(entry, default);
    });

    private Task<IReadOnlyList<AuditEntry>> WalkAsync(int limit, string? subject = null) =>
        WalkAsync(limit, page => InAsync(session => session.Audit.ListAsync(subject, page, default)));
}
