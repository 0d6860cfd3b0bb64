using System.IO.Compression;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Relier.Archiving;
using Relier.InMemory;
using Relier.Rating;
using Relier.Storage;

namespace Relier.Scenarios;

/// <summary>A seller of calls with an archive that all processes share, and things that go wrong on the way there.</summary>
internal sealed class ArchiveWorld(RatingWorld rating) : IAsyncDisposable
{
    /// <summary>The calls of the cases take place in November 2026, which ends ninety days before this.</summary>
    public static readonly Instant MarchFirst = Instant.FromUtc(2027, 3, 1, 0, 0);

    public RatingWorld Rating => rating;

    public InMemoryArchive Archive { get; } = new();

    public static async Task<ArchiveWorld> StartAsync(Engine engine) => new(await RatingWorld.StartAsync(engine));

    /// <summary>A process that archives, so many lines in a part.</summary>
    public ServiceProvider Process(string name, int linesAtOnce = 20_000, Func<IArchive, IArchive>? archive = null, Func<IStorage, IStorage>? storage = null)
    {
        var process = rating.World.NewProcess(name, storage, services => new RelierBuilder(services).UseArchive(_ => archive?.Invoke(Archive) ?? Archive));
        process.GetRequiredService<RelierOptions>().ArchiveLinesAtOnce = linesAtOnce;
        return process;
    }

    public async Task<ArchiveRun> RunAsync(ServiceProvider? process = null) =>
        (await (process ?? Process("archiving")).GetRequiredService<IRelier>().SendAsync(new RunArchive(), rating.House)).Value;

    public async Task<ArchiveReport> VerifyAsync() => (await Process("verifying").GetRequiredService<IRelier>().SendAsync(new VerifyArchive(), rating.House)).Value;

    public void At(Instant now) => rating.World.Clock.Set(now);

    public async Task<IReadOnlyList<ArchivePart>> PartsAsync() => (await rating.SendAsync(new ListArchive { Limit = 100 })).Data;

    /// <summary>The lines of the parts that the storage knows.</summary>
    public async Task<IReadOnlyList<JsonElement>> LinesAsync()
    {
        var lines = new List<JsonElement>();
        foreach (var part in (await PartsAsync()).OrderBy(part => part.Id.Value, StringComparer.Ordinal)) lines.AddRange(await LinesOfAsync(part));
        return lines;
    }

    public async Task<IReadOnlyList<JsonElement>> LinesOfAsync(ArchivePart part)
    {
        await using var file = (await Archive.OpenAsync(part.Name, default))!;
        using var text = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        return [.. (await text.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    public async Task<IReadOnlyList<string>> HotAsync()
    {
        var hot = new List<string>();
        for (string? cursor = null; ;)
        {
            var page = await rating.SendAsync(new ListCalls { Limit = 100, Cursor = cursor });
            hot.AddRange(page.Data.Select(call => call.Record.ExternalId));
            cursor = page.NextCursor;
            if (cursor is null) return [.. hot.Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Every call is in one place: in the storage, or in one line of a part that the storage knows; and the archive is as it should be.</summary>
    public async Task ShouldHaveOnceAsync(params IEnumerable<string> names)
    {
        var archived = (await LinesAsync()).Where(line => line.TryGetProperty("externalId", out _)).Select(line => line.GetProperty("externalId").GetString()!);
        archived.Concat(await HotAsync()).Should().BeEquivalentTo(names);
        (await VerifyAsync()).Findings.Should().BeEmpty();
    }

    public ValueTask DisposeAsync() => rating.DisposeAsync();
}

/// <summary>An archive in which something happens when a file is written or taken away.</summary>
internal sealed class FailingArchive(IArchive inner) : IArchive
{
    /// <summary>Before a file is written.</summary>
    public Func<string, Task> BeforeWrite { get; init; } = _ => Task.CompletedTask;

    /// <summary>After it was written.</summary>
    public Func<string, Task> AfterWrite { get; init; } = _ => Task.CompletedTask;

    /// <summary>Before a file is taken away.</summary>
    public Func<string, Task> BeforeDelete { get; init; } = _ => Task.CompletedTask;

    /// <summary>What becomes of a file on the way to the disk.</summary>
    public Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> Damage { get; init; } = content => content;

    public static Task Away(string name) => throw new StorageUnavailableException($"The archive is away: {name}");

    public async Task WriteAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await BeforeWrite(name);
        await inner.WriteAsync(name, Damage(content), cancellationToken);
        await AfterWrite(name);
    }

    public Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken) => inner.OpenAsync(name, cancellationToken);

    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        await BeforeDelete(name);
        await inner.DeleteAsync(name, cancellationToken);
    }
}

/// <summary>Storage that commits the first part of the archive and does not say so.</summary>
internal sealed class UnconfirmedPart(IStorage inner) : IStorage
{
    private bool _lost;

    public async Task<T> RunAsync<T>(Tenancy.TenantId tenant, Func<ISession, Task<T>> work, CancellationToken cancellationToken)
    {
        var result = await inner.RunAsync(tenant, work, cancellationToken);
        if (_lost || (await inner.RunAsync(tenant, session => session.Archive.ListMonthsAsync(cancellationToken), cancellationToken)).Count == 0) return result;
        _lost = true;
        throw new StorageUnavailableException("The engine did not confirm the commit.");
    }

    public Task<T> RunSystemAsync<T>(Func<ISystemSession, Task<T>> work, CancellationToken cancellationToken) => inner.RunSystemAsync(work, cancellationToken);

    public Task MigrateAsync(CancellationToken cancellationToken) => inner.MigrateAsync(cancellationToken);

    public Task<IReadOnlyList<MigrationStatus>> MigrationsAsync(CancellationToken cancellationToken) => inner.MigrationsAsync(cancellationToken);
}
