using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace Relier.Latcom;

/// <summary>What came of a login: a token, or the reply to give to whoever wanted one.</summary>
internal sealed record LatcomLogin(string Token, LatcomReply? Refusal = null);

/// <summary>
/// Calls as somebody who is logged in. One token serves all callers until it is old; one login at a time makes it, shared by
/// all who wait, none of whom can cancel it for the others.
/// </summary>
internal sealed class LatcomSession(LatcomHttp http, LatcomOptions options, IClock clock, ILogger logger)
{
    private const string IpNotAuthorised = "IP Address not authorized";
    private const int TokenLengthMax = 4 * 1024;

    private readonly LatcomLoginRequest _request = new(options.Username, options.Password, options.DistributorKey, options.UserUid);
    private readonly Duration _lifetime = Duration.FromTimeSpan(options.TokenLifetime);
    private readonly TimeSpan _loginTimeout = options.Timeout / 3; // an order gets the rest
    private readonly Lock _gate = new();

    private string? _token;
    private Instant _tokenSince;
    private Task<LatcomLogin>? _underWay;

    /// <summary>One call. After a 401 one more, of the same body with another token: Latcom authenticates before it looks at an order.</summary>
    public async Task<LatcomReply> CallAsync(HttpMethod method, string path, object? body, CancellationToken deadline)
    {
        var login = await TokenAsync(refused: null, deadline).ConfigureAwait(false);
        if (login.Refusal is not null) return login.Refusal;

        var reply = await http.SendAsync(method, path, login.Token, body, deadline).ConfigureAwait(false);
        if (reply.Status != 401) return reply;

        logger.TokenRefused();
        login = await TokenAsync(refused: login.Token, deadline).ConfigureAwait(false);
        return login.Refusal ?? await http.SendAsync(method, path, login.Token, body, deadline).ConfigureAwait(false);
    }

    /// <summary>Logs in, or waits for the login that is under way.</summary>
    public Task<LatcomLogin> LogInAsync(CancellationToken deadline)
    {
        lock (_gate) return WaitForAsync(Shared(), deadline);
    }

    private Task<LatcomLogin> TokenAsync(string? refused, CancellationToken deadline)
    {
        lock (_gate)
        {
            var age = clock.Now() - _tokenSince;
            // A clock that was set back makes no token young.
            var isYoung = age >= Duration.Zero && age < _lifetime;
            return _token is { } token && token != refused && isYoung
                ? Task.FromResult(new LatcomLogin(token))
                : WaitForAsync(Shared(), deadline);
        }
    }

    // Only with the gate held: between looking for a token and asking for one, none may come.
    private Task<LatcomLogin> Shared() => _underWay is { IsCompleted: false } ? _underWay : _underWay = Task.Run(LogInOnceAsync);

    private static async Task<LatcomLogin> WaitForAsync(Task<LatcomLogin> login, CancellationToken deadline)
    {
        try
        {
            return await login.WaitAsync(deadline).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return No(LatcomCodes.Unreachable, "No login in time.");
        }
    }

    private async Task<LatcomLogin> LogInOnceAsync()
    {
        var since = clock.Now(); // a token is at least as old as the question for it
        using var deadline = new CancellationTokenSource(_loginTimeout);
        var reply = await http.SendAsync(HttpMethod.Post, "api/dislogin", token: null, _request, deadline.Token).ConfigureAwait(false);

        var login = Read(reply);
        if (login.Refusal is { } refusal)
        {
            logger.LoginFailed(refusal.Trouble!, refusal.Detail);
            return login;
        }

        lock (_gate) (_token, _tokenSince) = (login.Token, since);
        logger.LoggedIn();
        return login;
    }

    // Whatever goes wrong here, no order has left.
    private static LatcomLogin Read(LatcomReply reply) => reply switch
    {
        { Trouble: not null } => No(LatcomCodes.Unreachable, $"No login: {reply.Detail}", reply.Evidence),
        { Status: >= 200 and < 300 } => AccessIn(reply.Body) is { } token
            ? new LatcomLogin(token)
            : No(LatcomCodes.Auth, "The login was answered without a token.", $"HTTP {reply.Status}, without a token"), // not the body: a token may be in it under another name
        { Status: >= 400 and < 500 } => LatcomError.TryRead(reply.Body)?.Says(IpNotAuthorised) == true
            ? No(LatcomCodes.IpBlocked, IpNotAuthorised, reply.Evidence)
            : No(LatcomCodes.Auth, $"The login was answered with HTTP {reply.Status}.", reply.Evidence),
        _ => No(LatcomCodes.Unreachable, $"The login was answered with HTTP {reply.Status}.", reply.Evidence),
    };

    private static string? AccessIn(string body)
    {
        try
        {
            var token = JsonSerializer.Deserialize<LatcomLoginAnswer>(body)?.Access;
            return token is { Length: > 0 and <= TokenLengthMax } && token.All(letter => letter is > ' ' and <= '~') ? token : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static LatcomLogin No(string code, string detail, string? evidence = null) =>
        new("", new LatcomReply { Left = false, Trouble = code, Detail = detail, Evidence = evidence });
}

/// <summary>The body of <c>POST api/dislogin</c>. A class, so that nothing prints its secrets.</summary>
internal sealed class LatcomLoginRequest(string username, string password, string distributorKey, string userUid)
{
    [JsonPropertyName("username")]
    public string Username => username;

    [JsonPropertyName("password")]
    public string Password => password;

    [JsonPropertyName("dist_api")]
    public string DistributorKey => distributorKey;

    [JsonPropertyName("user_uid")]
    public string UserUid => userUid;
}

/// <summary>What a login is answered with, as far as it is used: there is a refresh token in no record.</summary>
internal sealed class LatcomLoginAnswer
{
    [JsonPropertyName("access")]
    public string? Access { get; init; }
}
