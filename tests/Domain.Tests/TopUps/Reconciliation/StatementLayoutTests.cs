using Relier.TopUps;

namespace Relier.Domain.Tests.TopUps.Reconciliation;

/// <summary>Which column says what.</summary>
internal sealed class StatementLayoutTests
{
    private static readonly string[] LatcomHeader =
        ("DATETIME, TRANSACTION_ID, DISTRIBUTOR, VENDOR_TRANSACTION_ID, MSISDN, OPERATOR, COUNTRY, CURRENCY, AMOUNT, PRODUCT_CURRENCY, SKUID, COMMISSION, STATUS, "
        + "VENDOR_RESPONSE_MESSAGE, VENDOR_RESPONSE_CODE, OPENING_BALANCE, CLOSING_BALANCE, OPENING_BALANCE_COMMISSION, CLOSING_BALANCE_COMMISSION, RESPONSE_TIME").Split(',');

    [Test]
    public void A_line_of_Latcoms_export_is_read_as_it_is()
    {
        var parser = StatementParser.For(StatementLayout.Latcom, LatcomHeader).Value;

        var line = parser.Read(2, "2025-10-04 09:18:52,LT00178061,RELIER,100000000010.0,525512345678,TELEFONICA,MEXICO,MXN,20.00,MXN,0,1.00,Success,Success,0,5000.00,4980.00,0,0,2100".Split(',')).Value;

        line.Row.Should().Be(new StatementRow
        {
            Line = 2, State = StatementState.Delivered, ProviderId = "LT00178061", OperatorId = "100000000010", Phone = "5512345678", Amount = Mxn(20m),
            At = Instant.FromUtc(2025, 10, 4, 15, 18, 52), Day = new LocalDate(2025, 10, 4),
        });
        line.Balances.Should().Be((Mxn(5000m), Mxn(4980m)));
    }

    [Test]
    public void A_line_of_the_operators_list_has_a_day_and_dollars()
    {
        var header = "FECHA,NUM_TELEFONO,COD_BONO,SEC_ACTUACION,ImpUSD,CANTIDAD_ADI,CANTIDAD_MITOPUP,DIF".Split(',');

        var line = StatementParser.For(StatementLayout.Operator, header).Value.Read(7, "04/10/2025,5512345678,BFRIQUIN,1.0000000001E+11,11,1,0,1".Split(',')).Value;

        line.Row.Should().Be(new StatementRow
        {
            Line = 7, State = StatementState.Delivered, OperatorId = "100000000010", Phone = "5512345678", Product = "BFRIQUIN", Amount = Usd(11m), Day = new LocalDate(2025, 10, 4),
        });
        StatementLayout.Operator.ListsEverything.Should().BeFalse("it lists what it disputes");
    }

    [TestCase("nonsense", "*'nonsense' is nothing a map can say*")]
    [TestCase("time=A", "*which column is the amount*")]
    [TestCase("time=A; amount=B; currency=MXN", "*an id or the phone*")]
    [TestCase("time=A; amount=B; phone=C", "*either currency=MXN*")]
    [TestCase("time=A; amount=B; phone=C; currency=XYZ", "*either currency=MXN*")]
    [TestCase("time=A; amount=B; phone=C; currency=MXN; currencyColumn=D", "*either currency=MXN*")]
    [TestCase("time=A; amount=B; phone=C; currency=MXN; status=S", "*status column and the words*")]
    [TestCase("time=A; amount=B; phone=C; currency=MXN; status=S; delivered=OK; failed=ok", "*means two things*")]
    [TestCase("time=A; time=B; amount=B; phone=C; currency=MXN", "*'time' must be there once*")]
    [TestCase("time=A; amount=B; phone=C; currency=MXN; opening=O", "*name both or none*")]
    [TestCase("time=A; amount=B; phone=C; currency=MXN; zone=Mars/Olympus", "*no time zone*")]
    [TestCase("", "*expected latcom*")]
    public void A_map_that_says_too_little_or_too_much_is_refused_with_the_reason(string text, string reason)
    {
        StatementLayout.TryParse(text, out _, out var problem).Should().BeFalse();

        problem.Should().Match(reason);
    }

    [Test]
    public void A_header_without_a_column_of_the_map_or_with_it_twice_is_refused()
    {
        StatementParser.For(StatementLayout.Latcom, ["DATETIME"]).Refusal!.Code.Should().Be("statement_unreadable");
        StatementParser.For(StatementLayout.Latcom, [.. LatcomHeader, "msisdn"]).Refusal!.Message.Should().Contain("'MSISDN' 2 times");
    }

    [TestCase("2025-10-04,Success,20,MXN,LT1,", "cells")]
    [TestCase("2025-10-04,Success,20,MXN,LT1,55,", "currency", 3, "PESO")]
    [TestCase("2025-10-04,Success,20,MXN,LT1,55,", "amount", 2, "-20")]
    [TestCase("2025-10-04,Success,20,MXN,LT1,55,", "amount", 2, "1E3")]
    [TestCase("2025-10-04,Success,20,MXN,LT1,55,", "time", 0, "soon")]
    [TestCase("2025-10-04,Success,20,MXN,LT1,55,", "status", 1, "Maybe")]
    public void A_cell_that_cannot_be_read_stops_the_file_and_names_its_line(string cells, string what, int place = -1, string? instead = null)
    {
        StatementLayout.TryParse("time=T; status=S; delivered=SUCCESS; amount=A; currencyColumn=C; providerId=I; phone=P; ourReference=R", out var layout, out _).Should().BeTrue();
        var parser = StatementParser.For(layout!, "T,S,A,C,I,P,R".Split(',')).Value;
        var line = cells.Split(',');
        if (place >= 0) line[place] = instead!;

        var refusal = parser.Read(12, line).Refusal!;

        (refusal.Code, refusal.Facts["line"]).Should().Be(("statement_unreadable", "12"));
        refusal.Message.Should().Contain(what);
    }

    [Test]
    public void An_id_whose_digits_a_spreadsheet_cut_off_is_none_where_no_phone_tells_two_apart()
    {
        StatementLayout.TryParse("time=T; amount=A; currency=MXN; operatorId=I; phone=P", out var layout, out _).Should().BeTrue();
        var parser = StatementParser.For(layout!, "T,A,I,P".Split(',')).Value;

        parser.Read(2, "2025-10-04,20,1E+11,".Split(',')).Value.Row.OperatorId.Should().BeNull();
        parser.Read(3, "2025-10-04,20,1E+11,5512345678".Split(',')).Value.Row.OperatorId.Should().Be("100000000000");
    }
}
