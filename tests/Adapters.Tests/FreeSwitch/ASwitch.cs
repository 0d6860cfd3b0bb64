using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;
using Relier.FreeSwitch;
using Relier.Rating;

namespace Relier.Adapters.Tests.FreeSwitch;

/// <summary>A switch, and what it reports of an answered call.</summary>
internal static class ASwitch
{
    public const string Name = "fs-blr-1";
    public const string Password = "correct-horse-battery";
    public const string CallId = "aaaaaaaa-0000-4000-8000-000000000001";
    public const string OtherLeg = "bbbbbbbb-0000-4000-8000-000000000002";

    public static CallOrigin Origin { get; } = new(Name, null);

    /// <summary>The document of an answered A leg, as mod_json_cdr writes it.</summary>
    public static string Document { get; } = File.ReadAllText(Path.Combine(TestContext.CurrentContext.TestDirectory, "FreeSwitch", "Recorded", "answered.json"));

    public static SwitchOptions Options(Action<SwitchOptions>? change = null)
    {
        var options = new SwitchOptions { Name = Name, Password = Password, Zone = "Asia/Kolkata" };
        change?.Invoke(options);
        return options;
    }

    public static FreeSwitchSource Source(Action<SwitchOptions>? change = null)
    {
        var options = new FreeSwitchOptions();
        options.Switches.Add(Options(change));
        return new FreeSwitchSource(options);
    }

    /// <summary>The document with something in it changed.</summary>
    public static string Changed(Action<JsonObject> change)
    {
        var root = JsonNode.Parse(Document)!.AsObject();
        change(root);
        return root.ToJsonString();
    }

    /// <summary>The document with these variables; null takes one away.</summary>
    public static string With(params (string Name, string? Value)[] variables) => Changed(root =>
    {
        var all = root["variables"]!.AsObject();
        foreach (var (name, value) in variables)
            if (value is null) all.Remove(name);
            else all[name] = value;
    });

    public static CallReading Read(string document, Action<SwitchOptions>? change = null, string? id = null) =>
        Source(change).Read(Origin, "application/json", Encoding.UTF8.GetBytes(document), id);

    public static CallRecord Understood(string document, Action<SwitchOptions>? change = null) =>
        Read(document, change) is CallReading.Understood(var record) ? record : throw new AssertionException($"It was not understood: {Read(document, change)}");

    public static string Reason(string document) => ((CallReading.Malformed)Read(document)).Reason;
}
