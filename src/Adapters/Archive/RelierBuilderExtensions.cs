using Relier.Archive;

namespace Relier;

/// <summary>Choosing an archive in a folder.</summary>
public static class FolderArchiveRelierBuilderExtensions
{
    /// <summary>Moves what is old into this folder, once a day. All processes of an installation need the same one.</summary>
    public static RelierBuilder UseArchiveFolder(this RelierBuilder builder, string folder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        var archive = new FolderArchive(folder);
        return builder.UseArchive(_ => archive);
    }
}
