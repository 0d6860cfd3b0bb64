using System.Text;
using NodaTime;
using Relier.Rating;

namespace Relier.Application.Tests.Rating;

/// <summary>A file of calls, line by line.</summary>
[TestFixture]
internal sealed class CallRecordFileTests
{
    private const string Call = "\"1001\",\"1001\",\"910000000002\",\"outbound\",\"2026-04-10 11:25:44\",\"2026-04-10 11:25:47\",\"2026-04-10 11:26:55\",\"71\",\"68\",\"NORMAL_CLEARING\",\"{0}\",\"\",\"ACC-10001\",\"PCMU\",\"PCMU\"";

    private static readonly DateTimeZone Kolkata = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];

    [Test]
    public async Task A_file_of_FreeSwitch_is_read_line_by_line()
    {
        var lines = await ReadAsync(CallLayout.FreeSwitch, $"{Line("u-1")}\n\r\n{Line("u-2")}\r\n{Line("u-3")}");

        lines.Select(line => (line.Line, line.Record?.ExternalId)).Should().Equal((1, "u-1"), (3, "u-2"), (4, "u-3"));
        lines[1].Text.Should().Be(Line("u-2"), "it is kept as it was received, without its end");
        lines[1].Record!.AnsweredAt.Should().Be(Instant.FromUtc(2026, 4, 10, 5, 55, 47));
    }

    [Test]
    public async Task A_header_is_no_call_and_quotes_are_taken_off()
    {
        var lines = await ReadAsync(CallLayout.Generic, "\uFEFFid,\"from\",start,billsec\nc-1,\"say \"\"hi\"\", please\",2026-04-10T11:25:44Z,5\n");

        lines.Should().ContainSingle().Which.Record.Should().BeEquivalentTo(new { ExternalId = "c-1", From = "say \"hi\", please", Quantity = 5 });
    }

    [Test]
    public async Task A_line_that_is_wrong_costs_itself_alone()
    {
        var tooLong = new string('x', 200_000);
        var lines = await ReadAsync(CallLayout.FreeSwitch, string.Join('\n', Line("u-1"), "\"1001,broken", Line("u-2"), "\"a\"b,c", tooLong, Line("u-3"), "1,2,3", Line("u-4"), new string(',', 600), tooLong));

        lines.Select(line => (line.Line, line.Record?.ExternalId ?? line.Faults.Single().Code)).Should().Equal(
            (1, "u-1"), (2, "line_torn"), (3, "u-2"), (4, "line_torn"), (5, "line_too_long"), (6, "u-3"), (7, "line_torn"), (8, "u-4"), (9, "line_torn"), (10, "line_too_long"));
        lines.Where(line => line.Text is null).Select(line => line.Line).Should().Equal(5, 10);
    }

    [Test]
    public async Task A_cell_that_nobody_reads_may_be_in_any_encoding_and_one_that_is_read_may_not()
    {
        var name = Line("u-1").Replace("\"1001\",\"1001\"", "\"Jos\u00e9\",\"1001\"", StringComparison.Ordinal);
        var number = Line("u-2").Replace("\"1001\",\"1001\"", "\"1001\",\"\u00e9\"", StringComparison.Ordinal);

        var lines = await ReadAsync(CallLayout.FreeSwitch, Encoding.Latin1.GetBytes($"{name}\n{number}\n"));

        lines[0].Record!.ExternalId.Should().Be("u-1");
        lines[1].Faults.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Field = "column 2", Code = "text_invalid" });
    }

    [TestCase("")]
    [TestCase("\n\n")]
    [TestCase("id,start\n1,2\n")]
    [TestCase("id,\"start\n1,2\n")]
    public async Task A_file_without_the_columns_is_refused_before_the_first_line(string text)
    {
        var read = () => ReadAsync(CallLayout.Generic, text);

        var thrown = (await read.Should().ThrowAsync<Exception>()).Which;

        CallRecordFile.Explain(thrown)!.Code.Should().Be("import_unreadable");
    }

    [Test]
    public async Task An_empty_file_without_a_header_has_no_calls()
    {
        (await ReadAsync(CallLayout.FreeSwitch, "")).Should().BeEmpty();
    }

    // One byte at a time, and sizes at which lines are cut by the end of a buffer.
    [TestCase(1)]
    [TestCase(7)]
    [TestCase(65_536)]
    public async Task Lines_are_the_same_however_the_file_arrives(int size)
    {
        var text = string.Concat(Enumerable.Range(0, 2_000).Select(no => Line($"u-{no}") + (no % 3 == 0 ? "\r\n" : "\n")));

        var lines = await ReadAsync(CallLayout.FreeSwitch, new Dripping(Encoding.UTF8.GetBytes(text), size));

        lines.Select(line => line.Record?.ExternalId).Should().Equal(Enumerable.Range(0, 2_000).Select(no => $"u-{no}"));
        lines.Select(line => line.Line).Should().Equal(Enumerable.Range(1, 2_000).Select(no => (long)no));
    }

    [Test]
    public async Task A_hundred_thousand_calls_are_read_in_little_memory()
    {
        var block = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 1_000).Select(no => Line($"u-{no}") + "\n")));
        using var file = new Repeated(block, 100);
        var (count, bytesMost) = (0, 0L);

        await foreach (var line in CallRecordFile.ReadAsync("calls.csv", file, CallLayout.FreeSwitch, "fs-1", Kolkata))
        {
            line.Record.Should().NotBeNull();
            if (++count % 10_000 == 0) bytesMost = Math.Max(bytesMost, GC.GetTotalMemory(forceFullCollection: true));
        }

        count.Should().Be(100_000);
        bytesMost.Should().BeLessThan(100_000_000);
    }

    [Test]
    public async Task Whatever_stands_in_a_file_every_line_is_answered_and_what_is_a_record_can_be_kept()
    {
        var random = new Random(20260410);
        var odd = new[] { "\"", ",", "\"\"", "\0", "\r", "9999999999999999999", "-1", "2026-02-30 00:00:00", "9999-12-31 23:59:59", "2026-03-08 02:30:00+99:99", "1775800544534355", "\uD83D\uDE00", "", new string('9', 300) };
        var text = new StringBuilder();
        for (var no = 0; no < 20_000; no++)
        {
            var line = new StringBuilder(Line($"u-{no}"));
            for (var times = random.Next(4); times > 0; times--)
            {
                var at = random.Next(line.Length);
                line.Remove(at, Math.Min(random.Next(12), line.Length - at)).Insert(at, random.Next(2) == 0 ? odd[random.Next(odd.Length)] : ((char)random.Next(32, 127)).ToString());
            }

            text.Append(line).Append('\n');
        }

        var lines = await ReadAsync(CallLayout.FreeSwitch, text.ToString());

        lines.Should().HaveCount(20_000);
        lines.Count(line => line.Record is not null).Should().BeGreaterThan(2_000, "else nothing but torn lines was tried");
        foreach (var line in lines)
        {
            if (line.Record is null) line.Faults.Should().NotBeEmpty();
            else line.Record.Check().Should().BeEmpty($"line {line.Line} was read: {line.Text}");
        }

        lines.SelectMany(line => line.Faults).Select(fault => fault.Code).Should().Contain(["line_torn", "instant_invalid", "quantity_invalid", "text_invalid", "times_crossed", "required"]);
    }

    private static string Line(string id) => Call.Replace("{0}", id, StringComparison.Ordinal);

    private static Task<List<CallLine>> ReadAsync(CallLayout layout, string text) => ReadAsync(layout, Encoding.UTF8.GetBytes(text));

    private static Task<List<CallLine>> ReadAsync(CallLayout layout, byte[] bytes) => ReadAsync(layout, new MemoryStream(bytes));

    private static async Task<List<CallLine>> ReadAsync(CallLayout layout, Stream file)
    {
        var lines = new List<CallLine>();
        await using (file)
            await foreach (var line in CallRecordFile.ReadAsync("calls.csv", file, layout, "fs-1", Kolkata)) lines.Add(line);
        return lines;
    }

    /// <summary>Gives no more than so many bytes at once.</summary>
    private sealed class Dripping(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(size, buffer.Length)]);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }

    /// <summary>The same bytes again and again, which cannot be sought in.</summary>
    private sealed class Repeated(byte[] block, int times) : Stream
    {
        private int _at;
        private int _times = times;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (_at == block.Length) (_at, _times) = (0, _times - 1);
            if (_times == 0) return 0;
            var length = Math.Min(count, block.Length - _at);
            block.AsSpan(_at, length).CopyTo(buffer.AsSpan(offset));
            _at += length;
            return length;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
