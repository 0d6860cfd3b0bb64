using NodaTime;

namespace Relier.FreeSwitch;

/// <summary>A report that a switch could not deliver.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Id">The uuid in its name.</param>
/// <param name="Bytes">What is in it; empty when it was not read.</param>
/// <param name="Skipped">Why it was not read: <c>too_large</c>, <c>empty</c>, <c>unreadable</c>; null when it was.</param>
public sealed record SweptFile(string Path, string Id, ReadOnlyMemory<byte> Bytes, string? Skipped);

/// <summary>
/// The folder in which <c>mod_json_cdr</c> leaves what it could not deliver (<c>err-log-dir</c>), with the folders below it,
/// which it makes when it rotates. What is done is moved to <c>done</c> in it, never deleted. Links are not followed. Not
/// thread-safe; two processes that sweep one folder see the same files, and whoever takes them knows a call that he has.
/// </summary>
public sealed class ErrorFolder
{
    /// <summary>The largest report that is read: as large as one that is taken over HTTP.</summary>
    public const int BytesMax = 1024 * 1024;

    /// <summary>Where files go that are done.</summary>
    public const string DoneFolder = "done";

    private const string Ending = ".cdr.json";
    private const string LegPrefix = "a_";

    private static readonly Duration StillWritten = Duration.FromSeconds(2);
    private static readonly EnumerationOptions NoLinks = new() { AttributesToSkip = FileAttributes.ReparsePoint, RecurseSubdirectories = true, IgnoreInaccessible = false };

    private readonly string _root;
    private readonly string _done;

    // What stays must not stand in the way of what comes: it is offered again behind what was not looked at as often.
    private Dictionary<string, int> _kept = [];

    /// <summary>For this folder, as an absolute path.</summary>
    public ErrorFolder(string path)
    {
        if (!Path.IsPathFullyQualified(path)) throw new ArgumentException($"Expected an absolute path, found '{path}'.", nameof(path));
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        _done = Path.Combine(_root, DoneFolder);
    }

    /// <summary>
    /// At most so many files, those kept the fewest times first and of those the oldest, each read when it is asked for. One
    /// that was changed within the last two seconds is left for the next time: it is still being written. Throws
    /// <see cref="DirectoryNotFoundException"/> when there is no such folder.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <param name="most">How many files at most.</param>
    public IEnumerable<SweptFile> Sweep(Instant now, int most)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(most);
        if (!Directory.Exists(_root)) throw new DirectoryNotFoundException($"There is no folder {_root}.");
        var found = new DirectoryInfo(_root).EnumerateFiles("*" + Ending, NoLinks).Where(file => !IsDone(file.FullName))
            .Select(file => (file.FullName, Written: Instant.FromDateTimeUtc(file.LastWriteTimeUtc))).ToList();
        _kept = found.Where(file => _kept.ContainsKey(file.FullName)).ToDictionary(file => file.FullName, file => _kept[file.FullName]);
        return found.Where(file => file.Written <= now - StillWritten)
            .OrderBy(file => _kept.GetValueOrDefault(file.FullName)).ThenBy(file => file.Written).ThenBy(file => file.FullName, StringComparer.Ordinal)
            .Take(most).Select(file => Read(file.FullName)).OfType<SweptFile>();
    }

    /// <summary>It is kept elsewhere now: moved to <c>done</c>, beside others of its name. Nothing happens when it was moved before.</summary>
    public void Done(string path)
    {
        var (from, name) = (Inside(path), Path.GetFileName(path));
        Directory.CreateDirectory(_done);
        for (var copy = 0; File.Exists(from); copy++)
        {
            try
            {
                File.Move(from, Path.Combine(_done, copy == 0 ? name : $"{name}.{copy}"), overwrite: false);
            }
            catch (FileNotFoundException)
            {
                return;
            }
            catch (IOException) when (File.Exists(Path.Combine(_done, copy == 0 ? name : $"{name}.{copy}")))
            {
                continue;
            }
        }

        _kept.Remove(from);
    }

    /// <summary>It could not be taken: it stays, and is offered again.</summary>
    public void Kept(string path) => _kept[Inside(path)] = _kept.GetValueOrDefault(Inside(path)) + 1;

    private SweptFile? Read(string path)
    {
        var name = Path.GetFileName(path)[..^Ending.Length];
        var id = name.StartsWith(LegPrefix, StringComparison.Ordinal) ? name[LegPrefix.Length..] : name;
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists || file.LinkTarget is not null) return null;

            // Also what is no file at all has no length; opening it could wait for ever.
            if (file.Length is 0 or > BytesMax) return Skip(file.Length == 0 ? "empty" : "too_large");
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[file.Length + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length == file.Length ? new SweptFile(path, id, bytes.AsMemory(0, length), null) : null; // it grows: the next time
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            return Skip("unreadable");
        }

        SweptFile Skip(string why)
        {
            Kept(path);
            return new SweptFile(path, id, default, why);
        }
    }

    private string Inside(string path)
    {
        var full = Path.GetFullPath(path);
        return full.StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal) && !IsDone(full)
            ? full
            : throw new ArgumentException($"'{path}' is none of what is swept in {_root}.", nameof(path));
    }

    private bool IsDone(string path) => path[(_root.Length + 1)..].Split(Path.DirectorySeparatorChar)[..^1].Contains(DoneFolder);
}
