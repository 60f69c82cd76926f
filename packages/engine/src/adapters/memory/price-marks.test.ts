import { priceMarksSuite } from '../../ports/price-marks.suite.ts';
import { createMemoryPriceMarks } from './price-marks.ts';

priceMarksSuite('memory', async () => ({ marks: createMemoryPriceMarks(), close: async () => {} }));
