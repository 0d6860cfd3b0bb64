using Relier.Archiving;
using Relier.Storage;

namespace Relier.Archive;

/// <summary>
/// An archive in a folder of a local or a shared disk. A file is written under another name, brought to the disk, and then renamed; the folder that it lies in
/// is brought to the disk, too, so that what the storage was told is there after a power cut. Thread-safe, also between processes.
/// </summary>
/// <param name="folder">The folder. It must be there: one that is missing may be a disk that is not mounted, and what was written in its place would be lost.</param>
public sealed class FolderArchive(string folder) : IArchive
{
    // Begins with a dot, as no name of the archive does.
    private const string Unfinished = ".unfinished-";

    private readonly string _root = Path.GetFullPath(folder);

    /// <inheritdoc/>
    public Task WriteAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => GuardAsync(name, async path =>
    {
        var parent = Path.GetDirectoryName(path)!;
        RequireFolder();
        Make(parent);
        var unfinished = Path.Combine(parent, $"{Unfinished}{Path.GetRandomFileName()}");
        try
        {
            await using (var file = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                await file.WriteAsync(content, cancellationToken).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }

        FolderSync.Flush(parent);
        return true;
    });

    /// <inheritdoc/>
    public Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken) => GuardAsync(name, path =>
    {
        cancellationToken.ThrowIfCancellationRequested();
        RequireFolder();
        try
        {
            return Task.FromResult<Stream?>(
                new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 64 * 1024, FileOptions.Asynchronous | FileOptions.SequentialScan));
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    });

    /// <inheritdoc/>
    public Task DeleteAsync(string name, CancellationToken cancellationToken) => GuardAsync(name, path =>
    {
        cancellationToken.ThrowIfCancellationRequested();
        RequireFolder();
        if (Directory.Exists(Path.GetDirectoryName(path))) File.Delete(path);
        return Task.FromResult(true);
    });

    private async Task<T> GuardAsync<T>(string name, Func<string, Task<T>> work)
    {
        ArchiveNames.Require(name);
        try
        {
            return await work(Path.Combine(_root, name.Replace('/', Path.DirectorySeparatorChar))).ConfigureAwait(false);
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            throw new StorageUnavailableException($"The archive in {_root} cannot be used now: {trouble.Message}", trouble);
        }
    }

    private void RequireFolder()
    {
        if (!Directory.Exists(_root)) throw new DirectoryNotFoundException("there is no such folder.");
    }

    /// <summary>Makes a folder and all above it, each of which is on the disk then.</summary>
    private static void Make(string path)
    {
        if (Directory.Exists(path)) return;
        var parent = Path.GetDirectoryName(path)!;
        Make(parent);
        Directory.CreateDirectory(path);
        FolderSync.Flush(parent);
    }
}
