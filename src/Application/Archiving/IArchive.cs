using Relier.Storage;

namespace Relier.Archiving;

/// <summary>
/// Where what is old is kept, as files with names. What was written is there after a crash, too. Throws
/// <see cref="StorageUnavailableException"/> when it cannot be reached, is full, or refuses, from any method.
/// </summary>
public interface IArchive
{
    /// <summary>
    /// Writes a file, in place of one with this name if there is one: afterwards it is there whole, or as it was before; never a part of it.
    /// Throws <see cref="ArgumentException"/> for a name that is not words of letters, digits, <c>.</c>, <c>-</c> and <c>_</c>, none beginning with a dot, with slashes between.
    /// </summary>
    Task WriteAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>The file from its beginning, to be disposed of; null if there is none of this name.</summary>
    Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken);

    /// <summary>Takes a file away; nothing happens if there is none of this name.</summary>
    Task DeleteAsync(string name, CancellationToken cancellationToken);
}

/// <summary>What names in an archive are made of.</summary>
public static class ArchiveNames
{
    private const int LongestName = 255;

    /// <summary>Throws <see cref="ArgumentException"/> for a name that could mean another place.</summary>
    public static void Require(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > LongestName || name.Split('/').Any(word => word.Length == 0 || word[0] == '.' || word.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('.' or '-' or '_'))))
            throw new ArgumentException($"'{name}' is no name in an archive.", nameof(name));
    }
}
