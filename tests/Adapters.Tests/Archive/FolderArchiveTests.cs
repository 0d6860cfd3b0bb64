using System.Text;
using FluentAssertions;
using NUnit.Framework;
using Relier.Archive;
using Relier.Archiving;
using Relier.Contracts;
using Relier.InMemory;
using Relier.Storage;

namespace Relier.Adapters.Tests.Archive;

/// <summary>The contract of an archive, in a folder; and what only a folder can get wrong.</summary>
[TestFixture]
internal sealed class FolderArchiveTests : ArchiveContract
{
    private readonly List<string> _folders = [];

    protected override IArchive Create() => new FolderArchive(NewFolder());

    [TearDown]
    public void End()
    {
        foreach (var folder in _folders.Where(Directory.Exists)) Directory.Delete(folder, recursive: true);
    }

    [Test]
    public async Task A_folder_that_is_missing_is_a_disk_that_is_not_mounted_and_is_not_made()
    {
        var folder = NewFolder();
        Directory.Delete(folder);
        var archive = new FolderArchive(folder);

        foreach (Func<Task> use in new Func<Task>[] { () => archive.WriteAsync("a/b", "x"u8.ToArray(), default), () => archive.OpenAsync("a/b", default), () => archive.DeleteAsync("a/b", default) })
            (await use.Should().ThrowAsync<StorageUnavailableException>()).Which.Message.Should().Contain(folder);
        Directory.Exists(folder).Should().BeFalse();
    }

    [Test]
    public async Task Nothing_is_left_beside_what_was_written_and_what_a_crash_left_does_not_matter()
    {
        var folder = NewFolder();
        var archive = new FolderArchive(folder);
        Directory.CreateDirectory(Path.Combine(folder, "norte"));
        await File.WriteAllTextAsync(Path.Combine(folder, "norte", ".unfinished-abc"), "half");

        await archive.WriteAsync("norte/one", Encoding.UTF8.GetBytes("whole"), default);

        Directory.GetFiles(Path.Combine(folder, "norte")).Select(Path.GetFileName).Should().BeEquivalentTo(".unfinished-abc", "one");
    }

    [Test]
    public async Task What_cannot_be_written_says_why_and_leaves_the_file_as_it_was()
    {
        var folder = NewFolder();
        var archive = new FolderArchive(folder);
        await archive.WriteAsync("norte", "a file"u8.ToArray(), default);

        var act = () => archive.WriteAsync("norte/one", "x"u8.ToArray(), default);

        await act.Should().ThrowAsync<StorageUnavailableException>();
        (await File.ReadAllTextAsync(Path.Combine(folder, "norte"))).Should().Be("a file");
    }

    private string NewFolder()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"relier-archive-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
        _folders.Add(folder);
        return folder;
    }
}

/// <summary>The contract of an archive, in memory.</summary>
[TestFixture]
internal sealed class InMemoryArchiveTests : ArchiveContract
{
    protected override IArchive Create() => new InMemoryArchive();
}
