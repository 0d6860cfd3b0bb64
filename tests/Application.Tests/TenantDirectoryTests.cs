using NodaTime;
using Relier.InMemory;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Application.Tests;

internal sealed class TenantDirectoryTests
{
    private static readonly TenantId Main = TenantId.Parse("main");

    private readonly FakeClock _clock = new();
    private InMemoryStorage _memory = null!;

    [SetUp]
    public void Begin() => _memory = new InMemoryStorage();

    [Test]
    public async Task All_who_ask_at_once_are_one_reading_and_for_a_minute_nothing_is_read()
    {
        var (storage, tenants) = await NewAsync();

        storage.Close();
        var asked = Enumerable.Range(0, 200).Select(_ => tenants.GetAsync(Main, default)).ToList();
        storage.Open();

        (await Task.WhenAll(asked)).Should().OnlyContain(tenant => tenant.Name == "Main");
        storage.Readings.Should().Be(1);
        _clock.Advance(Duration.FromSeconds(59));
        await tenants.GetAsync(Main, default);
        storage.Readings.Should().Be(1);
        _clock.Advance(Duration.FromSeconds(1));
        await tenants.GetAsync(Main, default);
        storage.Readings.Should().Be(2);
    }

    [Test]
    public async Task Who_gives_up_ends_it_for_nobody_else()
    {
        var (storage, tenants) = await NewAsync();
        using var patience = new CancellationTokenSource();

        storage.Close();
        var impatient = tenants.GetAsync(Main, patience.Token);
        var patient = tenants.GetAsync(Main, default);
        await patience.CancelAsync();
        await FluentActions.Awaiting(() => impatient).Should().ThrowAsync<OperationCanceledException>();
        storage.Open();

        (await patient).Name.Should().Be("Main");
        storage.Readings.Should().Be(1);
    }

    [Test]
    public async Task One_that_is_not_there_is_looked_for_again()
    {
        var (_, tenants) = await NewAsync();
        var later = TenantId.Parse("later");
        await FluentActions.Awaiting(() => tenants.GetAsync(later, default)).Should().ThrowAsync<InvalidOperationException>().WithMessage("There is no tenant 'later'*");

        await tenants.EnsureAsync(later, "Later", DateTimeZone.Utc);

        (await tenants.GetAsync(later, default)).Name.Should().Be("Later");
    }

    [Test]
    public async Task A_reading_from_before_it_was_made_does_not_hide_it_from_who_asks_afterwards()
    {
        var (storage, tenants) = await NewAsync();
        var later = TenantId.Parse("later");

        storage.Close();
        var before = tenants.GetAsync(later, default);
        await new TenantDirectory(_memory, _clock).EnsureAsync(later, "Later", DateTimeZone.Utc);
        var after = tenants.GetAsync(later, default);
        storage.Open();

        (await after).Name.Should().Be("Later");
        (await before).Name.Should().Be("Later");
    }

    private async Task<(CountingStorage, TenantDirectory)> NewAsync()
    {
        await new TenantDirectory(_memory, _clock).EnsureAsync(Main, "Main", DateTimeZone.Utc);
        var storage = new CountingStorage(_memory);
        return (storage, new TenantDirectory(storage, _clock));
    }

    /// <summary>Counts what is read across tenants, and can keep waiting what was read.</summary>
    private sealed class CountingStorage(IStorage inner) : IStorage
    {
        private TaskCompletionSource _gate = Opened();

        public int Readings { get; private set; }

        public void Close() => _gate = new TaskCompletionSource();

        public void Open() => _gate.SetResult();

        public Task<T> RunAsync<T>(TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken) => inner.RunAsync(tenant, work, cancellationToken);

        public async Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken)
        {
            Readings++;
            var result = await inner.RunSystemAsync(work, cancellationToken);
            await _gate.Task.WaitAsync(cancellationToken);
            return result;
        }

        public Task MigrateAsync(CancellationToken cancellationToken) => inner.MigrateAsync(cancellationToken);

        public Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken) => inner.MigrationsAsync(cancellationToken);

        private static TaskCompletionSource Opened()
        {
            var gate = new TaskCompletionSource();
            gate.SetResult();
            return gate;
        }
    }
}
