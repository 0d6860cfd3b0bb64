using System.Reflection;
using System.Xml.Linq;

namespace Relier.Architecture.Tests;

/// <summary>The checkout and the assemblies, as the rules look at them.</summary>
internal static class House
{
    public static string Root { get; } = FindRoot();

    public static Assembly Domain { get; } = typeof(Money).Assembly;

    public static Assembly Application { get; } = typeof(IRelier).Assembly;

    /// <summary>Every project under src, by name, with what it references.</summary>
    public static IReadOnlyList<Project> Projects { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Read),
    ];

    /// <summary>Every source file under src, with its text.</summary>
    public static IReadOnlyList<SourceFile> Sources { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
            .Order(StringComparer.Ordinal)
            .Select(path => new SourceFile(Path.GetRelativePath(Root, path).Replace('\\', '/'), File.ReadAllText(path))),
    ];

    private static Project Read(string path)
    {
        var xml = XDocument.Load(path);
        IEnumerable<string> Included(string element) => xml.Descendants(element).Select(node => node.Attribute("Include")!.Value);
        return new Project(
            Path.GetFileNameWithoutExtension(path),
            [.. Included("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Replace('\\', '/'))).Order(StringComparer.Ordinal)],
            [.. Included("PackageReference").Order(StringComparer.Ordinal)],
            xml.Root!.Attribute("Sdk")!.Value);
    }

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "Relier.sln"))) return folder;
        throw new InvalidOperationException("The tests run inside the checkout, below Relier.sln.");
    }
}

internal sealed record Project(string Name, IReadOnlyList<string> References, IReadOnlyList<string> Packages, string Sdk);

internal sealed record SourceFile(string Path, string Text);
