using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;
using NodaTime;
using Relier.Storage;

namespace Relier.Archiving;

/// <summary>A part that is being put together, in memory and compressed.</summary>
internal sealed class PartDraft<T> : IDisposable
{
    /// <summary>The most that the lines of a part come to before they are compressed, so that one fits into memory whatever its lines are.</summary>
    private const long LinesMax = 64 * 1024 * 1024;

    private readonly MemoryStream _content = new();
    private readonly GZipStream _compressed;
    private readonly ArrayBufferWriter<byte> _line = new();
    private long _size;

    public PartDraft() => _compressed = new GZipStream(_content, CompressionLevel.Optimal, leaveOpen: true);

    /// <summary>What is in it.</summary>
    public List<T> Items { get; } = [];

    /// <summary>The time of the first line.</summary>
    public Instant FirstAt { get; private set; }

    /// <summary>The place of the last line.</summary>
    public Position? Last { get; private set; }

    /// <summary>Whether it is large enough.</summary>
    public bool IsFull(int itemsMax) => Items.Count >= itemsMax || _size >= LinesMax;

    /// <summary>Adds a line.</summary>
    public void Add(T item, Position place, Action<IBufferWriter<byte>> write)
    {
        write(_line);
        _compressed.Write(_line.WrittenSpan);
        _size += _line.WrittenCount;
        _line.ResetWrittenCount();
        if (Items.Count == 0) FirstAt = place.At;
        Last = place;
        Items.Add(item);
    }

    /// <summary>The file, to which nothing can be added any more, and its SHA-256.</summary>
    public (ReadOnlyMemory<byte> Content, string Sha256) Finish()
    {
        _compressed.Dispose();
        var content = _content.ToArray();
        return (content, Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    public void Dispose()
    {
        _compressed.Dispose();
        _content.Dispose();
    }
}
