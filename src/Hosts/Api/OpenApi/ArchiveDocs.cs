using Relier.Api.Http;
using Relier.Hosting.Resources;

namespace Relier.Api.OpenApi;

internal static class ArchiveDocs
{
    public const string ContentType = "application/gzip";

    private static readonly ArchivePartResource Part = new(
        "calls-2026-08-0001", "calls", "2026-08", "main/calls/2026-08/0001-3fa9c1d2e4b5a697.ndjson.gz", 20_000, "3fa9c1d2e4b5a6970123456789abcdef0123456789abcdef0123456789abcdef", 3_412_807, "2026-08-01T00:00:02Z",
        "2026-08-01T09:12:44Z", "2028-09-01T00:00:00Z", "2026-11-29T00:00:07Z");

    public static readonly Operation List = new("listArchive", "List the parts of the archive",
        "What was moved out of the storage ninety days after its month, in files of compressed lines of JSON, last written first. A call that is in one answers 410 call_archived.")
    {
        Query = QueryParameter.Paging,
        Answers = [new(200, "A part of the list.", typeof(PageResource<ArchivePartResource>), new PageResource<ArchivePartResource>([Part], false, null))],
        Refusals = ["validation_failed", "cursor_invalid"],
    };

    public static readonly Operation Open = new("getArchivePart", "Download a part of the archive", "The file as it lies there: its SHA-256 is that of the list.")
    {
        Answers = [new(200, "The file.", typeof(string), "(gzip)", ContentType)],
        Refusals = ["not_found", "archive_not_set", "archive_unavailable"],
    };
}
