using System.Reflection;
using System.Text.RegularExpressions;

namespace Relier.Architecture.Tests;

/// <summary>The rules of the house as functions that list what breaks them, so that each can be shown to bite.</summary>
internal static partial class Rules
{
    /// <summary>Who may reference whom; nothing else is allowed.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> AllowedReferences = new Dictionary<string, string[]>
    {
        ["Relier.Domain"] = [],
        ["Relier"] = ["Relier.Domain"],
        ["Relier.InMemory"] = ["Relier"],
        ["Relier.Sql"] = ["Relier"],
        ["Relier.Sqlite"] = ["Relier.Sql"],
        ["Relier.Postgres"] = ["Relier.Sql"],
        ["Relier.EntityFramework"] = ["Relier.Postgres"],
        ["Relier.Latcom"] = ["Relier"],
        ["Relier.FreeSwitch"] = ["Relier"],
        ["Relier.ExchangeRates"] = ["Relier"],
        ["Relier.Alerts"] = ["Relier"],
        ["Relier.Archive"] = ["Relier"],
        ["Relier.Hosting"] = ["Relier.Alerts", "Relier.Archive", "Relier.ExchangeRates", "Relier.FreeSwitch", "Relier.InMemory", "Relier.Latcom", "Relier.Postgres", "Relier.Sqlite"],
        ["Relier.Api"] = ["Relier.Hosting"],
        ["Relier.Worker"] = ["Relier.Hosting"],
        ["Relier.Cli"] = ["Relier.Hosting"],
    };

    public static IEnumerable<string> References(IEnumerable<Project> projects) =>
        from project in projects
        let allowed = AllowedReferences.GetValueOrDefault(project.Name, [])
        from reference in project.References.Except(allowed)
        select $"{project.Name} references {reference}";

    public static IEnumerable<string> Packages(IEnumerable<Project> projects, string package, params string[] owners) =>
        from project in projects
        where project.Packages.Any(used => used.StartsWith(package, StringComparison.Ordinal)) && !owners.Contains(project.Name)
        select $"{project.Name} uses {package}";

    public static IEnumerable<string> WebProjects(IEnumerable<Project> projects) =>
        projects.Where(project => project.Sdk != "Microsoft.NET.Sdk" && project.Name is not ("Relier.Api" or "Relier.Web")).Select(project => $"{project.Name} is built on {project.Sdk}");

    /// <summary>A text may stand only in these files.</summary>
    public static IEnumerable<string> Only(IEnumerable<SourceFile> sources, Regex text, Func<string, bool> allowed) =>
        sources.Where(source => text.IsMatch(source.Text) && !allowed(source.Path)).Select(source => $"{source.Path} has {text}");

    public static IEnumerable<string> FolderNames(IEnumerable<SourceFile> sources) =>
        sources.Where(source => source.Path.Split('/')[..^1].Any(folder => folder is "Services" or "Helpers" or "Models" or "Common" or "Utils" or "Managers"))
            .Select(source => $"{source.Path} lies in a folder that says nothing");

    /// <summary>A namespace that has the name of a type inside it makes every file trip over one of the two.</summary>
    public static IEnumerable<string> TypesNamedAsTheirFolder(IEnumerable<Type> types) =>
        types.Where(type => type.Namespace?.Split('.')[^1] == type.Name).Select(type => $"{type.FullName} is named as its namespace");

    /// <summary>Public members that speak in floating point, in the framework's own time, or asynchronously.</summary>
    public static IEnumerable<string> ImpureMembers(IEnumerable<Type> types) =>
        from type in types
        from member in type.GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
        from spoken in Spoken(member)
        where spoken == typeof(double) || spoken == typeof(float) || spoken == typeof(DateTime) || spoken == typeof(DateTimeOffset)
            || spoken == typeof(Guid) || typeof(Task).IsAssignableFrom(spoken)
        select $"{type.Name}.{member.Name} speaks of {spoken.Name}";

    /// <summary>Public properties that can be changed after creation.</summary>
    public static IEnumerable<string> MutableProperties(IEnumerable<Type> types) =>
        from type in types
        from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        where property.SetMethod is { IsPublic: true } setter
            && !setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(System.Runtime.CompilerServices.IsExternalInit))
        select $"{type.Name}.{property.Name} can be changed";

    public static IEnumerable<string> AssemblyReferences(Assembly assembly, Func<string, bool> allowed) =>
        assembly.GetReferencedAssemblies().Select(reference => reference.Name!).Where(name => !allowed(name)).Select(name => $"{assembly.GetName().Name} needs {name}");

    /// <summary>Use cases without a permission, or without exactly one handler.</summary>
    public static IEnumerable<string> UseCases(IEnumerable<Type> types)
    {
        var all = types.ToList();
        foreach (var useCase in all.Where(type => type is { IsAbstract: false, IsInterface: false } && AskedFor(type) is not null))
        {
            var needed = useCase.GetCustomAttributes<RequiresAttribute>().ToList();
            if (needed.Count == 0 || needed.Any(required => !Identity.Permission.OfAdmins.Contains(required.Permission)))
                yield return $"{useCase.Name} does not say which permission it requires";
            var handlers = all.Count(type => !type.IsAbstract && HandledBy(type) == useCase);
            if (handlers != 1) yield return $"{useCase.Name} has {handlers} handlers";
        }
    }

    /// <summary>Types of a vendor or driver in what an assembly shows.</summary>
    public static IEnumerable<string> Leaks(IEnumerable<Type> types, params string[] vendors) =>
        from type in types
        where type.IsVisible
        from member in type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
        from spoken in Spoken(member)
        where vendors.Any(vendor => spoken.Namespace?.StartsWith(vendor, StringComparison.Ordinal) == true)
        select $"{type.Name}.{member.Name} shows {spoken.FullName}";

    private static Type? AskedFor(Type type) =>
        type.GetInterfaces().FirstOrDefault(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IUseCase<>));

    private static Type? HandledBy(Type type)
    {
        for (var parent = type.BaseType; parent is not null; parent = parent.BaseType)
            if (parent.IsGenericType && parent.Name.StartsWith("Handler`", StringComparison.Ordinal)) return parent.GenericTypeArguments[0];
        return null;
    }

    private static IEnumerable<Type> Spoken(MemberInfo member)
    {
        IEnumerable<Type> spoken = member switch
        {
            MethodInfo method => [method.ReturnType, .. method.GetParameters().Select(parameter => parameter.ParameterType)],
            ConstructorInfo constructor => constructor.GetParameters().Select(parameter => parameter.ParameterType),
            PropertyInfo property => [property.PropertyType],
            FieldInfo field => [field.FieldType],
            _ => [],
        };
        return spoken.SelectMany(Unwrapped);
    }

    private static IEnumerable<Type> Unwrapped(Type type) =>
        [type, .. type.IsGenericType ? type.GenericTypeArguments.SelectMany(Unwrapped) : [], .. type.HasElementType ? Unwrapped(type.GetElementType()!) : []];

    [GeneratedRegex(@"""\s*(select\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|create\s+table\s|with\s+\w+\s+as\s)", RegexOptions.IgnoreCase)]
    public static partial Regex Sql();

    [GeneratedRegex(@"\bMediatR\b")]
    public static partial Regex Mediator();

    [GeneratedRegex(@"\bEnvironment\.(GetEnvironmentVariable|GetEnvironmentVariables)\b")]
    public static partial Regex EnvironmentReads();
}
