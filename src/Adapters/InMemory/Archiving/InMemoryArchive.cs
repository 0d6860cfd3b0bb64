using System.Collections.Concurrent;
using Relier.Archiving;

namespace Relier.InMemory;

/// <summary>An archive in memory, gone with the process: for tests and trials. Thread-safe.</summary>
public sealed class InMemoryArchive : IArchive
{
    private readonly ConcurrentDictionary<string, byte[]> _files = new();

    /// <summary>The names of all files, in order.</summary>
    public IReadOnlyList<string> Names => [.. _files.Keys.Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public Task WriteAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        ArchiveNames.Require(name);
        cancellationToken.ThrowIfCancellationRequested();
        _files[name] = content.ToArray();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken)
    {
        ArchiveNames.Require(name);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<Stream?>(_files.TryGetValue(name, out var content) ? new MemoryStream(content, writable: false) : null);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        ArchiveNames.Require(name);
        cancellationToken.ThrowIfCancellationRequested();
        _files.TryRemove(name, out _);
        return Task.CompletedTask;
    }
}
