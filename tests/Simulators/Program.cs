namespace Relier.Simulators; internal static class Program { private static void Main() { } }
