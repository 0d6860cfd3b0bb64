#pragma warning disable CS1591 // The name of a test says what it proves.
using FluentAssertions;
using NUnit.Framework;
using Relier.Storage;

namespace Relier.Contracts;

/// <summary>What a store of first answers must keep.</summary>
public sealed class IdempotencyContract(IStorageEngine engine) : StorageContract(engine)
{
    [Test]
    public async Task A_first_answer_comes_back_whole_whether_it_made_something_or_was_a_no()
    {
        var (made, refused) = (A.FirstAnswer(), A.FirstAnswer() with { Resource = null, Refusal = FullRecords.Refusal });

        await AddAsync(made);
        await AddAsync(refused);

        (await FindAsync(made.Actor, made.Key)).ShouldWhollyBe(made);
        (await FindAsync(refused.Actor, refused.Key)).ShouldWhollyBe(refused);
    }

    [TestCaseSource(typeof(EdgeValues), nameof(EdgeValues.Texts))]
    public async Task Any_text_survives(string text)
    {
        var answer = A.FirstAnswer() with { Key = text, Fingerprint = text };

        await AddAsync(answer);

        (await FindAsync(answer.Actor, text)).ShouldWhollyBe(answer);
    }

    [Test]
    public async Task A_key_is_of_one_caller_and_compared_to_the_letter()
    {
        var (one, other) = (A.FirstAnswer() with { Key = "k-1" }, A.FirstAnswer() with { Key = "k-1", Actor = "customer:cus_2" });

        await AddAsync(one);
        await AddAsync(other);

        (await FindAsync(one.Actor, "k-1")).ShouldWhollyBe(one);
        (await FindAsync(other.Actor, "k-1")).ShouldWhollyBe(other);
        (await FindAsync(one.Actor, "K-1")).Should().BeNull();
        (await FindAsync("customer:cus_3", "k-1")).Should().BeNull();
    }

    [Test]
    public async Task The_first_answer_stays_the_first()
    {
        var first = A.FirstAnswer();
        await AddAsync(first);

        await ShouldBeDuplicateAsync(UniqueKey.IdempotencyKey, () => AddAsync(first with { Fingerprint = "another", Resource = "RLR_2" }));

        (await FindAsync(first.Actor, first.Key)).ShouldWhollyBe(first);
    }

    private Task AddAsync(FirstAnswer answer) => InAsync(session => session.Idempotency.AddAsync(answer, default));

    private Task<FirstAnswer?> FindAsync(string actor, string key) => InAsync(session => session.Idempotency.FindAsync(actor, key, default));
}
