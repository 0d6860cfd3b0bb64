namespace Relier.Hosts.Tests.Cli;

/// <summary>Files for commands, gone at the end.</summary>
internal sealed class Files : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("relier-calls-").FullName;

    public Files(params (string Name, string Text)[] files)
    {
        foreach (var (name, text) in files) File.WriteAllText(this[name], text);
    }

    public string this[string name] => Path.Combine(_directory, name);

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
