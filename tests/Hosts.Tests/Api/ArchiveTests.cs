using System.IO.Compression;
using System.Security.Cryptography;
using NodaTime;
using Relier.Archiving;
using static Relier.Hosts.Tests.Api.RatingApi;

namespace Relier.Hosts.Tests.Api;

internal sealed class ArchiveTests
{
    private string _folder = null!;

    [SetUp]
    public void MakeAFolder() => _folder = Directory.CreateTempSubdirectory("relier-archive-").FullName;

    [TearDown]
    public void RemoveIt() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task A_call_that_is_archived_says_where_it_is_and_its_part_can_be_had()
    {
        await using var world = await StartAsync();
        await world.StarterAsync();
        var id = (await world.Admin.PostAsync("/api/v1/cdrs", Call("1", 90))).Json.Text("id");
        await world.RunJobsAsync();
        world.Clock.Set(Instant.FromUtc(2027, 3, 1, 0, 0));
        (await world.SendAsync(new RunArchive())).Calls.Should().Be(1);

        var gone = await world.Admin.AskAsync($"/api/v1/cdrs/{id}");
        (gone.Code, gone.ErrorCode, gone.Json.Text("part"), gone.Json.Text("call")).Should().Be((410, "call_archived", "calls-2026-11-0001", id));
        (await world.Reseller.AskAsync($"/api/v1/cdrs/{id}")).Code.Should().Be(410);
        (await world.Reseller.PostAsync($"/api/v1/cdrs/{id}/disputes", new { reason = "late" })).Code.Should().Be(410);
        (await world.Admin.AskAsync(HttpMethod.Post, $"/api/v1/cdrs/{id}/retry", null)).Code.Should().Be(410);
        var again = await world.Admin.PostAsync("/api/v1/cdrs", Call("1", 90));
        (again.Code, again.Header("Idempotency-Replayed"), again.Json.Text("id"), again.Json.Text("status"), again.Json.Text("part")).Should().Be((200, "true", id, "archived", "calls-2026-11-0001"));
        var batch = (await world.Admin.PostAsync("/api/v1/cdrs/batch", new { cdrs = new[] { Call("1", 90), Call("1", 91) } })).Json.At("results");
        (batch[0].Text("status"), batch[0].Text("archived.id"), batch[1].Text("status"), batch[1].Text("problem.call")).Should().Be(("duplicate", id, "conflict", id));

        var part = (await world.Admin.AskAsync("/api/v1/archive")).Json.At("data")[0];
        (part.Text("id"), part.Text("kind"), part.Text("month"), part.Text("rows"), part.Text("keepUntil")).Should().Be(("calls-2026-11-0001", "calls", "2026-11", "1", "2028-12-01T00:00:00Z"));
        using var answer = await world.Admin.GetAsync("/api/v1/archive/calls-2026-11-0001");
        var file = await answer.Content.ReadAsByteArrayAsync();
        answer.Content.Headers.ContentType!.MediaType.Should().Be("application/gzip");
        Convert.ToHexStringLower(SHA256.HashData(file)).Should().Be(part.Text("sha256"));
        using var text = new StreamReader(new GZipStream(new MemoryStream(file), CompressionMode.Decompress));
        (await text.ReadToEndAsync()).Should().StartWith($$"""{"id":"{{id}}","source":"api",""").And.EndWith("}\n");
    }

    [Test]
    public async Task The_archive_is_for_people_of_the_house()
    {
        await using var world = await StartAsync();

        (await world.Nobody.AskAsync("/api/v1/archive")).Code.Should().Be(401);
        (await world.Reseller.AskAsync("/api/v1/archive")).Code.Should().Be(403);
        (await world.Reseller.AskAsync("/api/v1/archive/calls-2026-11-0001")).Code.Should().Be(403);
        (await world.Admin.AskAsync("/api/v1/archive/calls-2026-11-0001")).Code.Should().Be(404);
        (await world.Admin.AskAsync("/api/v1/archive/..%2F..%2Fetc%2Fpasswd")).Code.Should().Be(404);
        (await world.Admin.AskAsync("/api/v1/archive?limit=0")).Code.Should().Be(422);
    }

    [Test]
    public async Task A_folder_that_went_away_is_not_found_empty_but_out_of_reach()
    {
        await using var world = await StartAsync();
        await world.StarterAsync();
        await world.Admin.PostAsync("/api/v1/cdrs", Call("1", 90));
        await world.RunJobsAsync();
        world.Clock.Set(Instant.FromUtc(2027, 3, 1, 0, 0));
        await world.SendAsync(new RunArchive());

        foreach (var file in Directory.GetFiles(_folder, "*.gz", SearchOption.AllDirectories)) File.Delete(file);
        (await world.Admin.AskAsync("/api/v1/archive/calls-2026-11-0001")).ErrorCode.Should().Be("archive_unavailable");
        Directory.Move(_folder, _folder + "-away");
        var away = await world.Admin.AskAsync("/api/v1/archive/calls-2026-11-0001");
        Directory.Move(_folder + "-away", _folder);

        (away.Code, away.ErrorCode).Should().Be((503, "storage_unavailable"));
    }

    [Test]
    public async Task A_host_without_an_archive_says_so_once()
    {
        await using var without = await ApiWorld.StartAsync();
        await without.Nobody.AskAsync("/health/live");
        without.Logs.Where(line => line.Contains("There is no archive", StringComparison.Ordinal)).Should().ContainSingle();

        await using var with = await StartAsync();
        await with.Nobody.AskAsync("/health/live");
        with.Logs.Should().NotContain(line => line.Contains("There is no archive", StringComparison.Ordinal));
    }

    private Task<ApiWorld> StartAsync() => ApiWorld.StartAsync(world => world.Settings["Relier:Archive:Folder"] = _folder);
}
