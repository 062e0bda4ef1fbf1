import ai.timefold.solver.core.api.solver.SolverFactory;
import ai.timefold.solver.core.config.solver.SolverConfig;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;

/** Read a day (FOLDER/day.txt, FOLDER/ways.bin), plan it with the solver's defaults, write FOLDER/plan.txt. */
public class Main {
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        SolverConfig config = new SolverConfig()
                .withSolutionClass(Day.class)
                .withEntityClasses(Carer.class, Stop.class)
                .withConstraintProviderClass(Rules.class)
                .withRandomSeed(Long.parseLong(args[2]))
                .withTerminationSpentLimit(Duration.ofMillis(Long.parseLong(args[1])));
        Day best = SolverFactory.<Day>create(config).buildSolver().solve(read(folder));
        try (PrintStream out = new PrintStream(folder.resolve("plan.txt").toFile())) {
            for (Carer carer : best.getCarers()) {
                StringBuilder line = new StringBuilder();
                carer.getStops().forEach(stop -> line.append(stop.getNumber()).append(' '));
                out.println(line.toString().trim());
            }
        }
    }

    private static Day read(Path folder) throws IOException {
        try (Scanner in = new Scanner(Files.newBufferedReader(folder.resolve("day.txt")))) {
            int count = in.nextInt();
            int staff = in.nextInt();
            int kinds = in.nextInt();
            int[][] ways = ways(folder.resolve("ways.bin"), in.nextInt());
            List<Stop> stops = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                stops.add(stop(in, i));
            }
            List<Carer> carers = new ArrayList<>();
            for (int i = 0; i < staff; i++) {
                carers.add(carer(in, i, kinds, ways));
            }
            return new Day(carers, stops);
        }
    }

    private static Stop stop(Scanner in, int number) {
        Stop stop = new Stop(number);
        stop.place = in.nextInt();
        stop.kind = in.nextInt();
        stop.lowS = in.nextLong();
        stop.highS = in.nextLong();
        stop.careS = in.nextLong();
        stop.load = in.nextLong();
        stop.priceS = in.nextLong();
        return stop;
    }

    private static Carer carer(Scanner in, int number, int kinds, int[][] ways) {
        Carer carer = new Carer(number);
        carer.startPlace = in.nextInt();
        carer.endPlace = in.nextInt();
        carer.firstS = in.nextLong();
        carer.lastS = in.nextLong();
        carer.pacePermille = in.nextLong();
        carer.capacity = in.nextLong();
        carer.may = new boolean[kinds];
        for (int i = 0; i < kinds; i++) {
            carer.may[i] = in.nextInt() == 1;
        }
        carer.breaks = new long[in.nextInt()][3];
        for (long[] rest : carer.breaks) {
            for (int i = 0; i < 3; i++) {
                rest[i] = in.nextLong();
            }
        }
        carer.waysS = ways;
        return carer;
    }

    private static int[][] ways(Path file, int places) throws IOException {
        int[][] ways = new int[places][places];
        try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
            for (int[] row : ways) {
                ByteBuffer.wrap(in.readNBytes(4 * places)).asIntBuffer().get(row);
            }
        }
        return ways;
    }
}
