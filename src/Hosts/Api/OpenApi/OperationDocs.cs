using Relier.Api.Endpoints;
using Relier.Api.Http;
using Relier.Hosting.Resources;

namespace Relier.Api.OpenApi;

internal static class OperationDocs
{
    private static readonly ProbeResource Healthy = new("Healthy");

    public static readonly Operation Health = new("getHealth", "Health in short", "In the shape of the first version. 503 when the database is down. As of at most five seconds ago.")
    {
        Answers =
        [
            new(200, "It works.", typeof(HealthResource), new HealthResource("OK", "2026-11-20T12:00:00Z", 86400, "PRODUCTION", new(new(true, "connected"), new(true, "connected")))),
            new(503, "The database is down.", typeof(HealthResource), new HealthResource("ERROR", "2026-11-20T12:00:00Z", 86400, "PRODUCTION", new(new(false, "disconnected"), new(false, "disconnected")))),
        ],
    };

    public static readonly Operation Live = new("getLiveness", "Whether the process is alive", "Never asks the database: an outage there is no reason to restart this.")
    {
        Answers = [new(200, "Alive.", typeof(ProbeResource), Healthy)],
    };

    public static readonly Operation Ready = new("getReadiness", "Whether to send requests here", "503 while the database is down, its schema is another one, or the process was told to stop.") { Answers = Probe() };

    public static readonly Operation Startup = new("getStartup", "Whether it has started", "200 from the first moment requests are served.") { Answers = Probe() };

    public static readonly Operation Version = new("getVersion", "What runs here", "The version of this program and of its runtime.")
    {
        Answers = [new(200, "The version.", typeof(VersionResource), new VersionResource("0.1.0", null, ".NET 10.0.0"))],
    };

    public static readonly Operation Audit = new("listAudit", "Read the audit log", "Who changed what, newest first.")
    {
        Query = [new("subject", "Only about this id."), .. QueryParameter.Paging],
        Answers = [new(200, "A part of the log.", typeof(PageResource<AuditResource>), new PageResource<AuditResource>([Examples.Audit], false, null))],
        Refusals = ["validation_failed", "cursor_invalid"],
    };

    public static readonly Operation Queue = new("getQueue", "Read the counters of the queue", "Waiting, active and delayed as of now; completed and failed count for life, across restarts.")
    {
        Answers = [new(200, "The counters.", typeof(QueueResource), Examples.Queue)],
    };

    private static AnswerDescription[] Probe() =>
    [
        new(200, "Yes.", typeof(ProbeResource), Healthy),
        new(503, "No.", typeof(ProbeResource), new ProbeResource("Unhealthy")),
    ];
}
