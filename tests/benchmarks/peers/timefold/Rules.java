import ai.timefold.solver.core.api.score.HardSoftScore;
import ai.timefold.solver.core.api.score.stream.Constraint;
import ai.timefold.solver.core.api.score.stream.ConstraintFactory;
import ai.timefold.solver.core.api.score.stream.ConstraintProvider;

/** The day's rules and prices. */
public class Rules implements ConstraintProvider {
    private static final long BARRED_S = 36_000;

    @Override
    public Constraint[] defineConstraints(ConstraintFactory factory) {
        return new Constraint[] {
            factory.forEach(Carer.class)
                    .penalize(HardSoftScore.ONE_HARD, Carer::lateS)
                    .asConstraint("in time"),
            factory.forEach(Carer.class)
                    .penalize(HardSoftScore.ofHard(BARRED_S), Carer::barred)
                    .asConstraint("skilled"),
            factory.forEach(Carer.class)
                    .penalize(HardSoftScore.ONE_HARD, Carer::overloaded)
                    .asConstraint("can carry"),
            factory.forEach(Carer.class)
                    .penalize(HardSoftScore.ONE_SOFT, Carer::travelS)
                    .asConstraint("travel"),
            factory.forEachIncludingUnassigned(Stop.class)
                    .filter(stop -> stop.getCarer() == null)
                    .penalize(HardSoftScore.ONE_SOFT, stop -> stop.priceS)
                    .asConstraint("left out"),
        };
    }
}
