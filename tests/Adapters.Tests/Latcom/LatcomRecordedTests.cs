using FluentAssertions;
using NUnit.Framework;
using Relier.Latcom;
using Relier.TopUps;

namespace Relier.Adapters.Tests.Latcom;

/// <summary>Answers as recorded, and what becomes of them when one thing is changed.</summary>
[TestFixture]
public sealed class LatcomRecordedTests
{
    private static readonly Submission Order = LatcomRig.Order(product: "XOOM_10_MXN", send: Money.Of(10, Currency.MXN));

    [TestCase("success", "LT48210380", "100000000010")]
    [TestCase("success-without-operator-id", "LT48210381", null)]
    public async Task A_recorded_yes_is_delivered(string file, string transactionId, string? operatorReference)
    {
        var outcome = await AnswerAsync(200, Recorded(file));

        outcome.Should().BeOfType<SubmitOutcome.Delivered>().Which.Should().BeEquivalentTo(new { transactionId, operatorReference },
            options => options.ExcludingMissingMembers());
        outcome.Should().BeEquivalentTo(new SubmitOutcome.Delivered(transactionId, operatorReference) { Evidence = outcome.Evidence });
        outcome.Evidence.Should().Contain("2025-10-04T09:18:52.321294973-04:00", "times are kept as they came");
    }

    [TestCase("fail-product_not_found", RefusalClass.ProductUnavailable, null, "product_not_found", "LT48210377")]
    [TestCase("fail-code-120054", RefusalClass.ProductUnavailable, "-120054", "Product not Found", "LT48210378")]
    [TestCase("fail-bolton-not-allowed", RefusalClass.PlanNotAllowed, null, "Bolton is not allowed for tariff plan", "LT48210379")]
    public async Task A_recorded_no_is_refused(string file, RefusalClass meaning, string? code, string message, string transactionId)
    {
        var outcome = await AnswerAsync(200, Recorded(file));

        outcome.Should().Be(new SubmitOutcome.Refused(meaning, code, message, transactionId) { Evidence = outcome.Evidence });
    }

    [Test]
    public async Task The_recorded_refusal_of_a_login_means_nothing_was_sent()
    {
        await using var latcom = CannedLatcom.Start(_ => CannedReply.Json(400, Recorded("login-ip-not-authorized")));
        using var provider = LatcomRig.Provider(latcom.Address);

        var outcome = await provider.SubmitAsync(Order, default);

        outcome.Should().BeOfType<SubmitOutcome.NotSent>().Which.Code.Should().Be(LatcomCodes.IpBlocked);
        outcome.Evidence.Should().Contain("2025-10-15T11:59:28.013+00:00");
        latcom.Orders.Should().BeEmpty();
    }

    [TestCase("\"RLR1760353500123\"", "\"RLR1760353500124\"")]
    [TestCase("\"RLR1760353500123\"", "\"rlr1760353500123\"")]
    [TestCase("\"RLR1760353500123\"", "null")]
    [TestCase("\"amount\":10", "\"amount\":10.01")]
    [TestCase("\"amount\":10", "\"amount\":null")]
    [TestCase("\"amount\":10", "\"amount\":\"10\"")]
    [TestCase("\"amount\":10", "\"amount\":1e400")]
    [TestCase("\"XOOM_10_MXN\"", "\"XOOM_20_MXN\"")]
    [TestCase("\"productId\"", "\"product\"")]
    [TestCase("\"service\":2", "\"targetMSISDN\":\"5512345679\"")]
    [TestCase("\"service\":2", "\"msisdn\":5512345679")]
    public async Task A_yes_or_a_no_that_does_not_echo_our_order_is_unknown(string recorded, string changed)
    {
        foreach (var file in (string[])["success", "fail-code-120054"])
        {
            var outcome = await AnswerAsync(200, Recorded(file).Replace(recorded, changed, StringComparison.Ordinal));

            var unknown = outcome.Should().BeOfType<SubmitOutcome.Unknown>().Subject;
            unknown.Code.Should().Be(LatcomCodes.EchoMismatch);
            unknown.TransactionId.Should().StartWith("LT");
        }
    }

    [TestCase("\"amount\":10", "\"amount\":10.00")]
    [TestCase("\"service\":2", "\"targetMSISDN\":\"525512345678\"")]
    [TestCase("\"Success\", \"createdAt\"", "\" sUCCESS\\n\", \"createdAt\"")]
    [TestCase("2025-10-04T09:18:52.321294973-04:00", "yesterday")]
    [TestCase("\"2025-10-04T09:18:52.321294973-04:00\"", "[]")]
    [TestCase("\"responseCode\":null", "\"responseCode\":{\"deep\":[1,2]},\"new\":true")]
    public async Task What_does_not_matter_changes_nothing(string recorded, string changed)
    {
        var body = Recorded("success").Replace(recorded, changed, StringComparison.Ordinal);
        body.Should().Contain(changed);

        (await AnswerAsync(200, body)).Should().BeOfType<SubmitOutcome.Delivered>();
    }

    [TestCase("\"Succes\"")]
    [TestCase("\"OK\"")]
    [TestCase("\"Successful\"")]
    [TestCase("\"Pending\"")]
    [TestCase("\"Failed\"")]
    [TestCase("\"\"")]
    [TestCase("null")]
    [TestCase("true")]
    [TestCase("0")]
    public async Task A_status_that_is_neither_is_unknown(string status)
    {
        var outcome = await AnswerAsync(200, Recorded("success").Replace("\"status\":\"Success\"", $"\"status\":{status}", StringComparison.Ordinal));

        outcome.Should().BeOfType<SubmitOutcome.Unknown>().Which.Code.Should().Be(LatcomCodes.UnrecognisedStatus);
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("\"Success\"")]
    [TestCase("<html>Success</html>")]
    [TestCase("""{"status":"Success","status":"Fail"}""")]
    [TestCase("""{"status":"\ud800"}""")]
    [TestCase("""{"status":"Success" """)]
    public async Task What_is_no_JSON_object_is_unknown(string body)
    {
        var outcome = await AnswerAsync(200, body);

        outcome.Should().BeOfType<SubmitOutcome.Unknown>().Which.Code.Should().Be(LatcomCodes.UnreadableAnswer);
    }

    [Test]
    public async Task Any_part_of_a_recorded_answer_is_unknown_and_kept([Values(1, 50, 250, 400)] int characters)
    {
        var part = Recorded("success")[..characters];

        var outcome = await AnswerAsync(200, part);

        outcome.Should().BeOfType<SubmitOutcome.Unknown>().Which.Code.Should().Be(LatcomCodes.UnreadableAnswer);
        outcome.Evidence.Should().StartWith("HTTP 200 " + part[..1]);
    }

    [TestCase("Subscriber line in transition", null, null)]
    [TestCase("duplicate_transaction", null, null)]
    [TestCase("Transaccion duplicada", null, null)]
    [TestCase("Operator timeout", "-120054", null)]
    [TestCase("Success", "0", null)]
    [TestCase("Success", "-120054", null)]
    [TestCase("Top-up successful", null, null)]
    [TestCase("", null, "Request timed out")]
    public async Task A_no_that_may_hide_a_delivery_is_unknown(string message, string? code, string? ownMessage)
    {
        var body = Recorded("fail-code-120054")
            .Replace("\"Product not Found\"", $"\"{message}\"", StringComparison.Ordinal)
            .Replace("\"-120054\"", code is null ? "null" : $"\"{code}\"", StringComparison.Ordinal)
            .Replace("\"responseMessage\":null", ownMessage is null ? "\"responseMessage\":null" : $"\"responseMessage\":\"{ownMessage}\"", StringComparison.Ordinal);

        (await AnswerAsync(200, body)).Should().BeOfType<SubmitOutcome.Unknown>();
        if (message != "Subscriber line in transition")
            (await AnswerAsync(200, body, options => options.TreatUnlistedFailAsRefused = true)).Should().BeOfType<SubmitOutcome.Unknown>("the switch is not for these");
    }

    [Test]
    public async Task The_vendors_message_counts_before_Latcoms_own()
    {
        var body = Recorded("fail-code-120054").Replace("\"-120054\"", "null", StringComparison.Ordinal)
            .Replace("\"responseMessage\":null", "\"responseMessage\":\"Product not Found\"", StringComparison.Ordinal);

        var listedOnly = await AnswerAsync(200, body.Replace("\"vendorResponseMsg\":\"Product not Found\"", "\"vendorResponseMsg\":null", StringComparison.Ordinal));
        var unlistedFirst = await AnswerAsync(200, body.Replace("\"vendorResponseMsg\":\"Product not Found\"", "\"vendorResponseMsg\":\"Something else\"", StringComparison.Ordinal));

        listedOnly.Should().BeOfType<SubmitOutcome.Refused>();
        unlistedFirst.Should().BeOfType<SubmitOutcome.Unknown>();
    }

    [Test]
    public async Task A_code_written_as_a_number_is_the_same_code()
    {
        var body = Recorded("fail-code-120054").Replace("\"-120054\"", "-120054", StringComparison.Ordinal).Replace("Product not Found", "Producto no encontrado", StringComparison.Ordinal);

        (await AnswerAsync(200, body)).Should().BeOfType<SubmitOutcome.Refused>().Which.ProviderCode.Should().Be("-120054");
    }

    [TestCase(400, "Validation Error", "Product not Found", 400, true)]
    [TestCase(422, "validation error ", "product_not_found", 422, true)]
    [TestCase(400, "Validation Error", "targetMSISDN must be 10 digits", 400, false)]
    [TestCase(400, "Validation Error", "IP Address not authorized", 400, false)]
    [TestCase(400, "Bad Request", "Product not Found", 400, false)]
    [TestCase(400, "Validation Error", "Product not Found", 500, false)]
    [TestCase(409, "Validation Error", "Product not Found", 409, false)]
    [TestCase(429, "Validation Error", "Product not Found", 429, false)]
    [TestCase(500, "Validation Error", "Product not Found", 500, false)]
    public async Task An_HTTP_error_is_a_no_only_when_it_is_a_validation_error_with_a_listed_message(int status, string error, string message, int statusInBody, bool isRefused)
    {
        var outcome = await AnswerAsync(status, $$"""{"error":"{{error}}","message":"{{message}}","status":{{statusInBody}},"timestamp":"2025-10-15T11:59:28.013+00:00"}""");

        if (isRefused)
            outcome.Should().BeOfType<SubmitOutcome.Refused>().Which.Class.Should().Be(RefusalClass.ProductUnavailable);
        else
            outcome.Should().BeOfType<SubmitOutcome.Unknown>().Which.Code.Should().Be($"http_{status}");
    }

    [TestCase(400, "")]
    [TestCase(400, "[1]")]
    [TestCase(400, """{"error":"\ud800"}""")]
    [TestCase(201, "{}")]
    [TestCase(204, "")]
    [TestCase(403, "{}")]
    [TestCase(404, "{}")]
    [TestCase(408, "{}")]
    [TestCase(503, "busy")]
    public async Task Any_other_HTTP_status_is_unknown(int status, string body)
    {
        var outcome = await AnswerAsync(status, body);

        outcome.Should().BeOfType<SubmitOutcome.Unknown>().Which.Code.Should().Be($"http_{status}");
    }

    [Test]
    public async Task A_yes_without_Latcoms_id_has_its_uid_or_is_unknown()
    {
        var withUid = Recorded("success").Replace("\"LT48210380\"", "null", StringComparison.Ordinal);
        var withNothing = withUid.Replace("\"0b2f6c1e-5a52-4c3f-9a55-3f1f0a9d7c14\"", "\"\"", StringComparison.Ordinal);

        (await AnswerAsync(200, withUid)).Should().BeOfType<SubmitOutcome.Delivered>().Which.TransactionId.Should().Be("0b2f6c1e-5a52-4c3f-9a55-3f1f0a9d7c14");
        (await AnswerAsync(200, withNothing)).Should().BeOfType<SubmitOutcome.Unknown>().Which.Code.Should().Be(LatcomCodes.NoTransactionId);
    }

    [Test]
    public async Task An_unknown_outcome_tells_people_where_to_look()
    {
        var outcome = await AnswerAsync(200, Recorded("success").Replace("\"status\":\"Success\"", "\"status\":\"OK\"", StringComparison.Ordinal));

        // 09:18:52 at -04:00
        outcome.Should().BeOfType<SubmitOutcome.Unknown>().Which.Message.Should()
            .Be("Latcom says 'ok': Success, code 0. Its transaction: LT48210380 of 2025-10-04T13:18:52Z.");
    }

    [TestCase("\"Success\"", typeof(LookupOutcome.Delivered))]
    [TestCase("\" success \"", typeof(LookupOutcome.Delivered))]
    [TestCase("\"Pending\"", typeof(LookupOutcome.Pending))]
    [TestCase("\"Reversed\"", typeof(LookupOutcome.NotDelivered))]
    [TestCase("\"Fail\"", typeof(LookupOutcome.Unavailable))]
    [TestCase("\"Unheard of\"", typeof(LookupOutcome.Unavailable))]
    [TestCase("null", typeof(LookupOutcome.Unavailable))]
    public async Task A_row_that_is_looked_up_is_read_by_its_status(string status, Type expected)
    {
        var found = await LookUpAsync(200, Recorded("success").Replace("\"status\":\"Success\"", $"\"status\":{status}", StringComparison.Ordinal));

        found.Should().BeOfType(expected);
        found.Evidence.Should().StartWith("HTTP 200 ");
    }

    [Test]
    public async Task A_row_needs_our_reference_and_may_leave_out_the_rest()
    {
        (await LookUpAsync(200, """{"status":"Success","distTransid":"RLR1760353500123"}""")).Should()
            .BeOfType<LookupOutcome.Delivered>().Which.TransactionId.Should().Be("LT 1/2");
        (await LookUpAsync(200, """{"status":"Success","amount":10,"productId":"XOOM_10_MXN"}""")).Should().BeOfType<LookupOutcome.Unavailable>();
    }

    [TestCase(500, "{}")]
    [TestCase(401, "{}")]
    [TestCase(403, "{}")]
    [TestCase(200, "<html>")]
    public async Task A_question_that_is_not_answered_teaches_nothing(int status, string body)
    {
        (await LookUpAsync(status, body)).Should().BeOfType<LookupOutcome.Unavailable>();
    }

    private static async Task<SubmitOutcome> AnswerAsync(int status, string body, Action<LatcomOptions>? change = null)
    {
        await using var latcom = CannedLatcom.Answering(status, body);
        using var provider = LatcomRig.Provider(latcom.Address, change);
        var outcome = await provider.SubmitAsync(Order, default);
        latcom.Orders.Should().ContainSingle();
        return outcome;
    }

    private static async Task<LookupOutcome> LookUpAsync(int status, string body)
    {
        await using var latcom = CannedLatcom.Answering(status, body);
        using var provider = LatcomRig.Provider(latcom.Address);
        var found = await provider.LookUpAsync(Order, "LT 1/2", default);
        latcom.Requests.Where(request => !request.IsLogin).Should().OnlyContain(request => request.Method == "GET" && request.Path == "/api/transaction/LT%201%2F2");
        return found;
    }

    private static string Recorded(string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Latcom", "Recorded", name + ".json"));
}
