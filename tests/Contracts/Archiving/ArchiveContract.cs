#pragma warning disable CS1591 // The name of a test says what it proves.
using System.Text;
using FluentAssertions;
using NUnit.Framework;
using Relier.Archiving;

namespace Relier.Contracts;

/// <summary>What every archive must keep. Derive a fixture from it that makes an empty one.</summary>
public abstract class ArchiveContract
{
    private const string Name = "norte/calls/2026-08/0001-00ff.ndjson.gz";

    private IArchive _archive = null!;

    /// <summary>An archive without files.</summary>
    protected abstract IArchive Create();

    [SetUp]
    public void Begin() => _archive = Create();

    [Test]
    public async Task What_is_written_comes_back_to_the_byte_as_often_as_it_is_asked_for()
    {
        var content = Enumerable.Range(0, 300_000).Select(number => (byte)(number * 31 % 251)).ToArray();
        await _archive.WriteAsync(Name, content, default);

        (await ReadAsync(Name)).Should().Equal(content);
        (await ReadAsync(Name)).Should().Equal(content);
    }

    [Test]
    public async Task A_file_takes_the_place_of_the_one_before_also_while_that_one_is_read()
    {
        await WriteAsync(Name, "before, and longer");
        await using var reading = (await _archive.OpenAsync(Name, default))!;

        await WriteAsync(Name, "after");

        using var text = new StreamReader(reading);
        (await text.ReadToEndAsync()).Should().Be("before, and longer");
        Encoding.UTF8.GetString(await ReadAsync(Name)).Should().Be("after");
    }

    [Test]
    public async Task An_empty_file_is_a_file()
    {
        await WriteAsync(Name, "");

        (await ReadAsync(Name)).Should().BeEmpty();
    }

    [Test]
    public async Task What_is_not_there_is_not_opened_and_taken_away_without_a_word()
    {
        await WriteAsync("norte/calls/2026-08/0002-00ff.ndjson.gz", "another");

        (await _archive.OpenAsync(Name, default)).Should().BeNull();
        (await _archive.OpenAsync("sur/calls/2026-08/0001.gz", default)).Should().BeNull();
        await _archive.DeleteAsync(Name, default);
        await _archive.DeleteAsync("sur/calls/2026-08/0001.gz", default);
    }

    [Test]
    public async Task A_file_that_is_taken_away_is_gone_and_its_neighbours_stay()
    {
        await WriteAsync(Name, "one");
        await WriteAsync(Name + "2", "other");

        await _archive.DeleteAsync(Name, default);
        await _archive.DeleteAsync(Name, default);

        (await _archive.OpenAsync(Name, default)).Should().BeNull();
        Encoding.UTF8.GetString(await ReadAsync(Name + "2")).Should().Be("other");
    }

    [Test]
    public async Task Of_many_who_write_one_name_at_once_one_is_there_whole()
    {
        var contents = Enumerable.Range(0, 8).Select(number => new string((char)('a' + number), 200_000 + number)).ToList();

        await Task.WhenAll(contents.Select(content => Task.Run(() => WriteAsync(Name, content))));

        contents.Should().Contain(Encoding.UTF8.GetString(await ReadAsync(Name)));
    }

    [TestCase("")]
    [TestCase("/etc/passwd")]
    [TestCase("../secret")]
    [TestCase("norte/../../secret")]
    [TestCase("norte//calls")]
    [TestCase("norte/.hidden")]
    [TestCase("norte\\calls")]
    [TestCase("norte/calls/")]
    [TestCase("norte/c:d")]
    [TestCase("norte/ñ")]
    [TestCase("norte/a b")]
    public async Task A_name_that_could_mean_another_place_is_refused_by_all(string name)
    {
        await FluentActions.Awaiting(() => WriteAsync(name, "x")).Should().ThrowAsync<ArgumentException>();
        await FluentActions.Awaiting(() => _archive.OpenAsync(name, default)).Should().ThrowAsync<ArgumentException>();
        await FluentActions.Awaiting(() => _archive.DeleteAsync(name, default)).Should().ThrowAsync<ArgumentException>();
    }

    private Task WriteAsync(string name, string text) => _archive.WriteAsync(name, Encoding.UTF8.GetBytes(text), default);

    private async Task<byte[]> ReadAsync(string name)
    {
        await using var file = (await _archive.OpenAsync(name, default))!;
        using var content = new MemoryStream();
        await file.CopyToAsync(content);
        return content.ToArray();
    }
}
