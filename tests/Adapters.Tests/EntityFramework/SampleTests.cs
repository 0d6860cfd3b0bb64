using FluentAssertions;
using NUnit.Framework;
using Relier.Contracts;

namespace Relier.Adapters.Tests.EntityFramework;

/// <summary>The sample does what its page says, and the package's page shows the sample's lines.</summary>
public sealed class SampleTests
{
    [Test]
    public async Task The_sample_prints_what_its_page_says()
    {
        var output = new StringWriter { NewLine = "\n" };

        await EntityFrameworkShop.Shop.RunAsync(await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync(), output);

        Block("docs/samples/EntityFrameworkShop/README.md", "text").Should().Equal(output.ToString().TrimEnd('\n').Split('\n'));
    }

    [Test]
    public void The_lines_on_the_packages_page_are_compiled_in_the_sample()
    {
        var lines = Block("src/Adapters/EntityFramework/README.md", "csharp").Select(line => line.Trim()).Where(line => line.Length > 0).ToList();
        var sample = string.Concat(Directory.EnumerateFiles(Path.Combine(Root(), "docs/samples/EntityFrameworkShop"), "*.cs").Select(File.ReadAllText));

        lines.Should().HaveCountGreaterThan(5);
        lines.Should().OnlyContain(line => sample.Contains(line, StringComparison.Ordinal));
    }

    /// <summary>The lines of every block in this language.</summary>
    private static IEnumerable<string> Block(string page, string language)
    {
        var isInside = false;
        foreach (var line in File.ReadAllLines(Path.Combine(Root(), page)))
        {
            if (isInside && line == "```") isInside = false;
            else if (isInside) yield return line;
            else if (line == "```" + language) isInside = true;
        }
    }

    private static string Root()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "Relier.sln"))) return folder;
        throw new InvalidOperationException("The tests run inside the checkout, below Relier.sln.");
    }
}
