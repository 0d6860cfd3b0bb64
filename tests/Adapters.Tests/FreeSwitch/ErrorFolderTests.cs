using System.Text;
using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.FreeSwitch;
using Relier.Rating;

namespace Relier.Adapters.Tests.FreeSwitch;

/// <summary>What a switch could not deliver lies in a folder, and is fetched there.</summary>
[TestFixture]
internal sealed class ErrorFolderTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 4, 10, 6, 0);

    private string _path = "";

    [SetUp]
    public void MakeFolder() => _path = Directory.CreateTempSubdirectory("relier-errors-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_path, recursive: true);

    [Test]
    public void A_report_is_read_with_the_uuid_of_its_name_and_done_is_moved_away()
    {
        Write($"a_{ASwitch.CallId}.cdr.json", ASwitch.Document + "\n");
        var folder = new ErrorFolder(_path);

        var swept = folder.Sweep(Now, 10).Should().ContainSingle().Subject;

        (swept.Id, swept.Skipped).Should().Be((ASwitch.CallId, null));
        ASwitch.Source().Read(ASwitch.Origin, null, swept.Bytes, swept.Id).Should().BeOfType<CallReading.Understood>();
        folder.Done(swept.Path);
        folder.Sweep(Now, 10).Should().BeEmpty();
        File.Exists(Path.Combine(_path, "done", $"a_{ASwitch.CallId}.cdr.json")).Should().BeTrue();
    }

    [Test]
    public void Done_twice_is_done_once_and_one_name_twice_is_kept_twice()
    {
        var folder = new ErrorFolder(_path);
        var path = Write("u-1.cdr.json", "1");
        folder.Done(path);
        folder.Done(path);
        Write("u-1.cdr.json", "2");
        folder.Done(path);
        folder.Done(Write("2026-04-10-11-00-00/u-1.cdr.json", "3"));

        Directory.GetFiles(Path.Combine(_path, "done")).Select(file => (Path.GetFileName(file), File.ReadAllText(file)))
            .Should().BeEquivalentTo([("u-1.cdr.json", "1"), ("u-1.cdr.json.1", "2"), ("u-1.cdr.json.2", "3")]);
    }

    [Test]
    public void A_process_that_dies_before_a_file_is_done_leaves_it_for_the_next()
    {
        Write("u-1.cdr.json", "1");
        new ErrorFolder(_path).Sweep(Now, 10).Should().ContainSingle();

        new ErrorFolder(_path).Sweep(Now, 10).Should().ContainSingle().Which.Id.Should().Be("u-1");
    }

    [Test]
    public void Folders_below_are_swept_and_other_files_are_not()
    {
        Write("2026-04-10-11-00-00/u-1.cdr.json", "1");
        Write("u-2.cdr.json", "2");
        Write("u-3.cdr.xml", "3");
        Write("u-4.json", "4");
        Write("done/u-5.cdr.json", "5");

        new ErrorFolder(_path).Sweep(Now, 10).Select(file => file.Id).Should().BeEquivalentTo("u-1", "u-2");
    }

    [Test]
    public void A_file_that_is_still_being_written_is_left_for_the_next_time()
    {
        Write("old.cdr.json", "1", Now - Duration.FromSeconds(2));
        Write("new.cdr.json", "2", Now - Duration.FromMilliseconds(1900));

        new ErrorFolder(_path).Sweep(Now, 10).Select(file => file.Id).Should().Equal("old");
        new ErrorFolder(_path).Sweep(Now + Duration.FromSeconds(1), 10).Select(file => file.Id).Should().BeEquivalentTo("old", "new");
    }

    [Test]
    public void Links_are_not_followed()
    {
        var elsewhere = Directory.CreateTempSubdirectory("relier-elsewhere-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(elsewhere, "u-1.cdr.json"), "secret");
            File.SetLastWriteTimeUtc(Path.Combine(elsewhere, "u-1.cdr.json"), (Now - Duration.FromHours(1)).ToDateTimeUtc());
            File.CreateSymbolicLink(Path.Combine(_path, "u-2.cdr.json"), Path.Combine(elsewhere, "u-1.cdr.json"));
            Directory.CreateSymbolicLink(Path.Combine(_path, "folder"), elsewhere);

            new ErrorFolder(_path).Sweep(Now, 10).Should().BeEmpty();
        }
        finally
        {
            Directory.Delete(elsewhere, recursive: true);
        }
    }

    [Test]
    public void What_is_too_large_or_empty_is_named_and_not_read()
    {
        Write("empty.cdr.json", "");
        Write("large.cdr.json", new string('x', ErrorFolder.BytesMax + 1));
        Write("just.cdr.json", new string('x', ErrorFolder.BytesMax));

        new ErrorFolder(_path).Sweep(Now, 10).Select(file => (file.Id, file.Skipped, file.Bytes.Length))
            .Should().BeEquivalentTo([("empty", "empty", 0), ("large", "too_large", 0), ("just", (string?)null, ErrorFolder.BytesMax)]);
    }

    [Test]
    public void The_oldest_come_first_and_no_more_than_asked_for()
    {
        for (var no = 0; no < 5; no++) Write($"u-{no}.cdr.json", "1", Now - Duration.FromMinutes(10 + no));

        new ErrorFolder(_path).Sweep(Now, 3).Select(file => file.Id).Should().Equal("u-4", "u-3", "u-2");
    }

    [Test]
    public void What_stays_does_not_stand_in_the_way_of_what_comes()
    {
        var folder = new ErrorFolder(_path);
        for (var no = 0; no < 3; no++) Write($"bad-{no}.cdr.json", "1", Now - Duration.FromHours(1));
        Write("bad-3.cdr.json", "", Now - Duration.FromHours(1));
        for (var no = 0; no < 3; no++) Write($"good-{no}.cdr.json", "1", Now - Duration.FromMinutes(1));
        var done = new List<string>();

        for (var sweep = 0; sweep < 4; sweep++)
        {
            foreach (var file in folder.Sweep(Now, 2).ToList())
            {
                if (file.Id.StartsWith("bad", StringComparison.Ordinal))
                {
                    folder.Kept(file.Path);
                    continue;
                }

                done.Add(file.Id);
                folder.Done(file.Path);
            }
        }

        done.Should().Equal("good-0", "good-1", "good-2");
        folder.Sweep(Now, 10).Select(file => file.Id).Should().BeEquivalentTo("bad-0", "bad-1", "bad-2", "bad-3");
    }

    [Test]
    public void A_folder_that_is_missing_is_said_so_and_a_path_outside_is_refused()
    {
        var folder = new ErrorFolder(_path);

        folder.Invoking(one => new ErrorFolder(Path.Combine(_path, "missing")).Sweep(Now, 1)).Should().Throw<DirectoryNotFoundException>();
        folder.Invoking(one => one.Done(Path.Combine(_path, "../other.cdr.json"))).Should().Throw<ArgumentException>();
        folder.Invoking(one => one.Kept(Path.Combine(_path, "done/u-1.cdr.json"))).Should().Throw<ArgumentException>();
        folder.Invoking(_ => new ErrorFolder("relative")).Should().Throw<ArgumentException>();
    }

    [Test]
    public void A_file_that_is_gone_when_its_turn_comes_is_passed_over()
    {
        var folder = new ErrorFolder(_path);
        Write("u-1.cdr.json", "1");
        var gone = Write("u-2.cdr.json", "2", Now - Duration.FromMinutes(1));

        var swept = folder.Sweep(Now, 10);
        File.Delete(gone);

        swept.Select(file => Encoding.UTF8.GetString(file.Bytes.Span)).Should().Equal("1");
    }

    private string Write(string name, string text, Instant? at = null)
    {
        var path = Path.Combine(_path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        File.SetLastWriteTimeUtc(path, (at ?? Now - Duration.FromMinutes(5)).ToDateTimeUtc());
        return path;
    }
}
